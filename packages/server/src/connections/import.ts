/** Import a connection whose credentials the app already holds. */
import type { ImportedCredentials } from '@bowline/api/connection-import';
import type { EndUser, JsonObject } from '@bowline/api/fields';
import { problem } from '@bowline/api/problem';
import { checkValues } from '@bowline/providers/field';
import type { Provider } from '@bowline/providers/provider';
import type { World } from '../base/world.ts';
import type { IntegrationAccess } from '../credentials/access.ts';
import type { AuthWorld, Granted } from '../credentials/auth-mode.ts';
import { readCertificate } from '../credentials/client-certificate.ts';
import { type Credentials, storedCredentials } from '../credentials/credentials.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import { lasts, verify } from '../credentials/verify.ts';
import { refuseAddress } from '../environments/webhook-address.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { providerOf } from '../providers/own.ts';
import { lookConnection } from './find.ts';
import type { HookedWorld } from './hooks.ts';
import { integrationAccess } from './open.ts';
import { type NewConnection, type Saved, saveConnection } from './save.ts';
import { wholeConfig } from './secrets.ts';
import { tagsOf } from './tags.ts';
import { validateConnection } from './validate.ts';

export type Import = {
  provider_config_key: string;
  connection_id?: string | undefined;
  metadata?: JsonObject | undefined;
  connection_config?: JsonObject | undefined;
  webhook_url_override?: string | undefined;
  credentials: ImportedCredentials;
  end_user?: EndUser | undefined;
  tags?: Record<string, string> | undefined;
  /** The provider's token answer, where the caller kept it. */
  raw?: JsonObject | undefined;
};

/**
 * @param options `tried`: whether the provider is asked if it takes these credentials, where they can be tried, and the integration's functions
 * @throws unknown_provider_config, connection_test_failed, connection_validation_failed, invalid_body when the credentials are of another mode
 */
export async function importConnection(
  world: Pick<World, 'db' | 'keyring' | 'builtIns' | 'random' | 'clock' | 'outbound' | 'config'> & Pick<HookedWorld, 'hooks'>,
  scope: Scope,
  wanted: Import,
  { tried = true } = {},
): Promise<Saved> {
  const integration = await findIntegration(world, scope, wanted.provider_config_key);
  await refuseAddress(world, { url: wanted.webhook_url_override ?? '', path: ['webhook_url_override'] });
  const provider = providerOf(world, integration);
  if (!provider) throw problem('unknown_provider_config', { message: `The catalogue has no provider "${integration.provider}"` });
  if (provider.auth_mode !== wanted.credentials.type) {
    throw problem('invalid_body', { message: `${provider.name} connects with ${provider.auth_mode}, not ${wanted.credentials.type}` });
  }
  // What an import leaves out stays as the connection has it.
  const before =
    wanted.connection_config || !wanted.connection_id ? undefined : await lookConnection(world, scope, integration, wanted.connection_id);
  const access = await integrationAccess(world, integration);
  const configured = wanted.connection_config ?? (before ? await wholeConfig(world, before) : {});
  const { connectionConfig, credentials, account } = await granted(world, access, { ...wanted, connection_config: configured });
  if (tried && lasts(credentials)) {
    const verdict = await verify(world, { integration: access, connectionConfig, credentials });
    if (!verdict.ok)
      throw problem('connection_test_failed', { message: `${provider.display_name} did not accept this: ${verdict.message}` });
  }
  const tags = wanted.tags || wanted.end_user ? { ...tagsOf(wanted.end_user), ...wanted.tags } : undefined;
  const candidate: NewConnection = {
    integration,
    authMode: provider.auth_mode,
    connectionId: wanted.connection_id ?? world.random.uuid(),
    credentials,
    connectionConfig: wanted.connection_config || account !== undefined ? { ...connectionConfig } : undefined,
    account,
    metadata: wanted.metadata,
    tags,
    endUser: wanted.end_user,
    webhookUrlOverride: wanted.webhook_url_override,
  };
  return saveConnection(world, scope, tried ? await validateConnection(world, scope, candidate) : candidate);
}

/** The fields of the catalogue hold for what an app brings along too. @throws invalid_body */
function checked(
  provider: Provider,
  wanted: Import,
  { given, now }: { given: JsonObject; now: Date },
): { connectionConfig: JsonObject; credentials: Credentials } {
  const fields = modes[provider.auth_mode].fields(provider);
  const config = checkValues(fields.connectionConfig, given);
  const credentials = checkValues(fields.credentials, stored(wanted.credentials, wanted.raw), { partial: true });
  const issue =
    (root: string) =>
    ({ name, message }: (typeof config.refused)[number]) => ({ code: 'custom', message, path: [root, name] });
  const errors = [...config.refused.map(issue('connection_config')), ...credentials.refused.map(issue('credentials'))];
  if (errors.length > 0) throw problem('invalid_body', { message: errors.map(({ message }) => message).join('; '), errors });
  return { connectionConfig: config.values, credentials: withCertificate(storedCredentials.parse(credentials.values), now) };
}

/** A pair that does not fit together would fail at the first call, in front of somebody else. */
function withCertificate(credentials: Credentials, now: Date): Credentials {
  if (credentials.type !== 'OAUTH2_CC' || !credentials.client_certificate) return credentials;
  try {
    const pair = readCertificate(credentials.client_certificate, credentials.client_private_key, now);
    return pair ? { ...credentials, client_certificate: pair.cert, client_private_key: pair.key } : credentials;
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    const errors = [{ code: 'custom', message: error.message, path: [...(error.path ?? [])] }];
    throw problem('invalid_body', { message: error.message, errors }, { cause: error });
  }
}

const withRaw = new Set<string>(['OAUTH2', 'OAUTH2_CC', 'OAUTH1']);

/** What the provider must be asked for, or what the caller already holds. @throws connection_test_failed, invalid_body */
async function granted(world: AuthWorld, integration: IntegrationAccess, wanted: Import): Promise<Granted> {
  const { type, ...values } = wanted.credentials;
  const connectionConfig = wanted.connection_config ?? {};
  if (!('installation_id' in values)) return checked(integration.provider, wanted, { given: connectionConfig, now: world.clock.now() });
  try {
    return await modes[integration.provider.auth_mode].finish(world, { integration, connectionConfig, answer: { kind: 'form', values } });
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    throw problem(error.code === 'invalid_body' ? 'invalid_body' : 'connection_test_failed', { message: error.message }, { cause: error });
  }
}

/** What is imported stands for the provider's answer too, unless the caller has that: `raw` is what was given. */
function stored(given: ImportedCredentials, raw?: JsonObject): Credentials {
  if (given.type === 'NONE') return {};
  const expires = 'expires_at' in given && given.expires_at ? { expires_at: given.expires_at.toISOString() } : {};
  const plain = { ...given, ...expires };
  return storedCredentials.parse(withRaw.has(given.type) ? { ...plain, raw: raw ?? plain } : plain);
}
