/**
 * Validate a connection before it is stored: the integration's own functions try the new credentials while the old ones, if there are
 * any, still serve everybody else. So a refusal has nothing to undo, and neither has a crash.
 */
import type { JsonObject } from '@bowline/api/fields';
import { problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { only } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { credentialsExpireAt } from '../credentials/credentials.ts';
import type { Scope } from '../http/scope.ts';
import { seal } from '../vault/seal.ts';
import { type Connection, placeOf } from './connection.ts';
import { lookConnection } from './find.ts';
import type { Candidate, HookedWorld } from './hooks.ts';
import { integrationAccess } from './open.ts';
import type { NewConnection } from './save.ts';
import { wholeConfig } from './secrets.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'clock'> & Pick<HookedWorld, 'hooks'>;

/** @returns what to save: the functions may have written metadata. @throws connection_validation_failed with what the function said */
export async function validateConnection(world: Needs, scope: Scope, wanted: NewConnection): Promise<NewConnection> {
  const verdict = await world.hooks.validate(scope, () => candidateOf(world, scope, wanted), wanted.integration.id);
  if (!verdict.ok) throw problem('connection_validation_failed', { message: verdict.message });
  return verdict.metadata ? { ...wanted, metadata: { ...verdict.metadata } satisfies JsonObject } : wanted;
}

async function candidateOf(world: Needs, scope: Scope, wanted: NewConnection): Promise<Candidate> {
  const { integration, credentials } = wanted;
  const existing = await lookConnection(world, scope, integration, wanted.connectionId);
  const id = existing?.id ?? (await unusedId(world));
  const now = world.clock.now();
  const kept = existing && (wanted.keepsConfig || !wanted.connectionConfig) ? await wholeConfig(world, existing) : {};
  const connectionConfig = { ...kept, ...wanted.connectionConfig };
  const metadata = wanted.metadata ?? existing?.metadata ?? null;
  const connection: Connection = {
    ...(existing ?? fresh(now)),
    id,
    environmentId: scope.environment.id,
    integrationId: integration.id,
    connectionId: wanted.connectionId,
    providerConfigKey: integration.uniqueKey,
    provider: integration.provider,
    authMode: wanted.authMode,
    credentialsSealed: await seal(world.keyring, placeOf(scope.environment.id, id), JSON.stringify(credentials)),
    expiresAt: credentialsExpireAt(credentials, now),
    connectionConfig,
    metadata,
    tags: wanted.tags ?? existing?.tags ?? {},
    endUser: wanted.endUser ?? existing?.endUser ?? null,
  };
  const access = { integration: await integrationAccess(world, integration), connectionConfig, metadata, credentials };
  return { connection, integration, access };
}

/** Of a connection that will be stored under another: a sandbox never serves two, and no row has this one. */
async function unusedId({ db }: Pick<World, 'db'>): Promise<number> {
  const row = await only<{ id: number }>(db, sql`select nextval(pg_get_serial_sequence('connections', 'id'))::int as id`);
  return row.id;
}

/** What a row has that was never used. */
function fresh(now: Date) {
  return {
    webhookUrlOverride: null,
    errors: [],
    lastFetchedAt: null,
    refreshFence: 0,
    refreshLeasedUntil: null,
    refreshRetryAt: null,
    refreshedAt: null,
    refreshFailedAt: null,
    refreshFailedDays: 0,
    refreshError: null,
    createdAt: now,
    updatedAt: now,
  };
}
