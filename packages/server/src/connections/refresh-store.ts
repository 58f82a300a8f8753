/** Stores what a refresh brought, before anyone may use it, and tells when the connection had been broken. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import type { Granted } from '../credentials/auth-mode.ts';
import { credentialsExpireAt } from '../credentials/credentials.ts';
import { publish } from '../events/publish.ts';
import { startOperation } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { VaultError } from '../vault/sealed.ts';
import { type Connection, refOf } from './connection.ts';
import { type Circuits, closeCircuits } from './refresh-circuit.ts';
import { type Lease, tellRefreshed } from './refresh-lease.ts';
import { apart, sealSecrets } from './secrets.ts';
import type { AccessWorld, Target } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
export type Renewed = Target & { readonly circuits: Circuits; readonly lease: Lease; readonly granted: Granted };

/** As long as we hold the only copy of a token, we keep it: a database that is away must not cost it. */
const KEEP_MS = 15 * 60_000;
const AGAIN_MS_MAX = 1_000;

export async function storeRenewed(world: AccessWorld, scope: InEnvironment, renewed: Renewed): Promise<void> {
  const { recovered, closed } = await persist(world, scope, renewed);
  const { connection } = renewed;
  for (const circuit of closed) world.log.info({ circuit }, 'refreshes go on: one worked again');
  world.log.debug({ connection: connection.id, provider: connection.provider, recovered }, 'credentials were refreshed');
  if (!recovered) return;
  const operation = startOperation(world, scope, {
    type: 'auth',
    action: 'refresh_token',
    title: 'Credentials work again',
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  operation.end({ state: 'success' });
}

/** The lease stays, and the note of the missing answer: whoever takes over goes on with what is kept. */
export function keepInterim(
  world: AccessWorld,
  { connection, integration, lease }: Pick<Renewed, 'connection' | 'integration' | 'lease'>,
  granted: Granted,
): Promise<void> {
  const { environmentId, id } = connection;
  return insistently(world, async () => {
    const sealed = await sealAll(world, { connection, integration }, granted);
    await run(
      world.db,
      sql`update connections set credentials_sealed = ${sealed}
           where environment_id = ${environmentId} and id = ${id} and refresh_fence = ${lease.fence} and deleted_at is null`,
    );
  });
}

type Stored = { recovered: boolean; closed: string[] };

function persist(world: AccessWorld, scope: InEnvironment, renewed: Renewed): Promise<Stored> {
  return insistently(world, async () => {
    const sealed = await sealAll(world, renewed, renewed.granted);
    return transaction(world.db, (tx) => write(world, tx, scope, { ...renewed, sealed }));
  });
}

function sealAll(world: AccessWorld, { connection, integration }: Target, { credentials, connectionConfig }: Granted): Promise<Buffer> {
  const { secret: config } = apart(providerOf(world, integration), connectionConfig);
  return sealSecrets(world, connection, { credentials, config });
}

async function insistently<T>(world: AccessWorld, store: () => Promise<T>): Promise<T> {
  const until = performance.now() + KEEP_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      return await store();
    } catch (error) {
      // Without its key, as after its environment was deleted, it can never be.
      if (error instanceof VaultError || performance.now() > until) throw error;
      world.log.warn({ err: error, attempt }, 'refreshed credentials could not be stored; trying again');
      await sleep(Math.min(50 * 2 ** attempt, AGAIN_MS_MAX), undefined, { ref: false });
    }
  }
}

/**
 * The fence rises once more with the new credentials: who read the old ones while we held the lease must not take it after us, for
 * the refresh token it would send is used up, and some providers then revoke everything.
 */
async function write(world: AccessWorld, tx: Database, scope: InEnvironment, renewed: Renewed & { sealed: Buffer }): Promise<Stored> {
  const { connection, granted, lease, circuits, sealed } = renewed;
  const { plain: told } = apart(providerOf(world, renewed.integration), granted.connectionConfig);
  const { environmentId, id } = connection;
  const now = world.clock.now();
  const stored = await one<{ broken: boolean }>(
    tx,
    sql`update connections
           set credentials_sealed = ${sealed}, expires_at = ${credentialsExpireAt(granted.credentials, now)},
               connection_config = connections.connection_config || ${JSON.stringify(changes(connection, told))}::jsonb,
               account_id = coalesce(connections.account_id, ${granted.account ?? null}),
               refresh_fence = connections.refresh_fence + 1, refresh_leased_until = null, refresh_holder = null, refresh_unanswered_since = null,
               refreshed_at = ${now}, refresh_failed_at = null, refresh_failed_days = 0, refresh_failure = null, refresh_failures = 0,
               refresh_retry_at = null, refresh_error = null,
               errors = coalesce((select jsonb_agg(e) from jsonb_array_elements(connections.errors) e where e ->> 'type' <> 'auth'), '[]')
          from (select errors @> '[{"type":"auth"}]' as broken from connections
                 where environment_id = ${environmentId} and id = ${id} for update) before
         where connections.environment_id = ${environmentId} and connections.id = ${id} and connections.refresh_fence = ${lease.fence}
           and connections.deleted_at is null
        returning before.broken`,
  );
  const recovered = stored?.broken ?? false;
  if (recovered) {
    const { tags, endUser } = connection;
    await publish(tx, scope.environment.id, 'connection.refresh_recovered', { connection: refOf(connection), tags, endUser });
  }
  const closed = await closeCircuits(tx, circuits);
  await tellRefreshed({ db: tx, bus: world.bus }, id);
  return { recovered, closed };
}

/** Only what the provider told otherwise: somebody may have changed the rest while it was asked. */
function changes({ connectionConfig: before }: Connection, after: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}
