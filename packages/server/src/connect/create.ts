/** Make a connect session, for new connections or to repair one. */
import type { ReconnectRequest, SessionRequest } from '@bowline/api/connect';
import { WebhookUrl } from '@bowline/api/fields';
import { type Issue, problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import type { Connection } from '../connections/connection.ts';
import { accountOf, findConnection } from '../connections/find.ts';
import { tagsOf } from '../connections/tags.ts';
import { refuseAddress } from '../environments/webhook-address.ts';
import type { Scope } from '../http/scope.ts';
import { listIntegrations } from '../integrations/find.ts';
import { seal } from '../vault/seal.ts';
import { defaultsPlace, newToken, SESSION_MINUTES, tokenHash } from './session.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'random' | 'clock' | 'config' | 'outbound'>;
export type NewSession = { token: string; connect_link: string; expires_at: string };

/** @throws invalid_body with a path for each integration that does not exist */
export async function createSession(world: Needs, scope: Scope, request: SessionRequest): Promise<NewSession> {
  const allowed = request.allowed_integrations?.length ? request.allowed_integrations : null;
  await checkIntegrations(world, scope, { ...request, allowed_integrations: allowed ?? [] });
  return store(world, scope, { ...hoistWebhookUrl(request), allowed, reconnects: null });
}

/** @throws unknown_provider_config, unknown_connection, invalid_body */
export async function createReconnectSession(world: Needs, scope: Scope, request: ReconnectRequest): Promise<NewSession> {
  const name = { connectionId: request.connection_id, providerConfigKey: request.integration_id };
  const connection = await findConnection(world, scope, name);
  await checkIntegrations(world, scope, { ...request, allowed_integrations: [] });
  if (request.require_same_account) await checkAccountKnown(world, scope, connection);
  return store(world, scope, { ...hoistWebhookUrl(request), allowed: [request.integration_id], reconnects: connection.id });
}

/** A guard that cannot hold is refused here, rather than to an end user who did nothing wrong. */
async function checkAccountKnown(world: Needs, scope: Scope, connection: Connection): Promise<void> {
  if ((await accountOf(world, scope, connection)) !== null) return;
  const message =
    'It is not known which account this connection is of: the provider does not tell, or it was connected before Bowline asked. Leave require_same_account out';
  throw problem('invalid_body', { errors: [{ code: 'custom', message, path: ['require_same_account'] }] });
}

/**
 * Older callers set the webhook address among an integration's defaults. It is the connection's own, never part of its configuration,
 * and what is given at the top level wins.
 */
function hoistWebhookUrl<T extends Pick<SessionRequest, 'integrations_config_defaults' | 'webhook_url_override'>>(request: T): T {
  const { integrations_config_defaults: defaults } = request;
  if (!defaults) return request;
  const urls: string[] = [];
  const rest = Object.entries(defaults).map(([key, { connection_config, ...others }]) => {
    if (!connection_config) return [key, others] as const;
    const { webhook_url: url, ...config } = connection_config;
    if (url !== undefined) urls.push(webhookUrl(url, key));
    return [key, { ...others, connection_config: config }] as const;
  });
  return {
    ...request,
    integrations_config_defaults: Object.fromEntries(rest),
    webhook_url_override: request.webhook_url_override ?? urls[0],
  };
}

function webhookUrl(given: unknown, key: string): string {
  const url = WebhookUrl.safeParse(given);
  if (url.success) return url.data;
  const path = ['integrations_config_defaults', key, 'connection_config', 'webhook_url'];
  throw problem('invalid_body', { errors: [{ code: 'invalid_format', message: 'Must be an http or https URL', path }] });
}

type Names = Pick<SessionRequest, 'allowed_integrations' | 'integrations_config_defaults' | 'overrides'>;

async function checkIntegrations(world: Needs, scope: Scope, names: Names): Promise<void> {
  const existing = new Set((await listIntegrations(world, scope)).map(({ uniqueKey }) => uniqueKey));
  const issue = (path: string[], key: string): Issue[] =>
    existing.has(key) ? [] : [{ code: 'custom', message: `There is no integration "${key}" in this environment`, path }];
  const errors = [
    ...(names.allowed_integrations ?? []).flatMap((key, index) => issue(['allowed_integrations', String(index)], key)),
    ...Object.keys(names.integrations_config_defaults ?? {}).flatMap((key) => issue(['integrations_config_defaults', key], key)),
    ...Object.keys(names.overrides ?? {}).flatMap((key) => issue(['overrides', key], key)),
  ];
  if (errors.length > 0) throw problem('invalid_body', { errors });
}

type Stored = Omit<SessionRequest, 'allowed_integrations'> &
  Pick<ReconnectRequest, 'require_same_account'> & { allowed: string[] | null; reconnects: number | null };

async function store(world: Needs, scope: Scope, wanted: Stored): Promise<NewSession> {
  await refuseAddress(world, { url: wanted.webhook_url_override ?? '', path: ['webhook_url_override'] });
  const { environment } = scope;
  const token = newToken(world);
  const endUser = wanted.end_user && { ...wanted.end_user, organization: wanted.organization };
  const defaults = wanted.integrations_config_defaults;
  const sealed = defaults ? await seal(world.keyring, defaultsPlace(environment.id), JSON.stringify(defaults)) : null;
  const expiresAt = new Date(world.clock.now().getTime() + SESSION_MINUTES * 60_000);
  await run(
    world.db,
    sql`insert into connect_sessions (environment_id, token_hash, end_user, tags, allowed_integrations, defaults_sealed, overrides,
                                      webhook_url_override, reconnects, require_same_account, return_origins, expires_at)
        values (${environment.id}, ${tokenHash(token)}, ${endUser ? JSON.stringify(endUser) : null}::jsonb,
                ${JSON.stringify({ ...tagsOf(endUser), ...wanted.tags })}::jsonb, ${wanted.allowed}::text[], ${sealed},
                ${wanted.overrides ? JSON.stringify(wanted.overrides) : null}::jsonb, ${wanted.webhook_url_override || null},
                ${wanted.reconnects}, ${wanted.require_same_account ?? false}, ${wanted.return_origins ?? []}::text[], ${expiresAt})`,
  );
  const link = `${world.config.publicUrl}/connect/?session_token=${token}`;
  return { token, connect_link: link, expires_at: expiresAt.toISOString() };
}
