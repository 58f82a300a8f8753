/**
 * After a connection was made: asks the provider for what only it can tell (which account, at which address), and then tells that the
 * connection was saved, so that whoever hears of it finds it complete. What goes wrong is logged, tried again, and harms nothing.
 */
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { ApiError, openApi } from '../credentials/api.ts';
import type { Told } from '../credentials/quirks/quirk.ts';
import { afterConnectOf } from '../credentials/quirks/quirks.ts';
import { lookEnvironmentById } from '../environments/find.ts';
import type { Events } from '../events/event.ts';
import { publish } from '../events/publish.ts';
import { startOperation } from '../logs/operation.ts';
import { providerOf } from '../providers/own.ts';
import { enqueue } from '../queue/enqueue.ts';
import { accessConnection } from './access.ts';
import { lookConnectionById } from './find.ts';
import { forgetSecrets } from './secrets.ts';
import type { AccessWorld, Target } from './target.ts';

type InEnvironment = { readonly environment: { readonly id: number } };
/** `saves`: which time it was saved. */
export type PostConnection = { environmentId: number; connectionId: number; saves: number; failures: number };
type Looked = { readonly told: Told } | { readonly failed: string; readonly passing: boolean };

/** Between tries: 3 s, 30 s, 5 minutes. */
const AGAIN_AFTER_MS: readonly number[] = [3_000, 30_000, 300_000];

export async function askAfterConnecting(world: AccessWorld, payload: PostConnection, signal: AbortSignal): Promise<void> {
  const environment = await lookEnvironmentById(world, payload.environmentId);
  const scope = environment && { environment };
  const target = scope && (await lookConnectionById(world, scope, payload.connectionId));
  if (!scope || !target) return; // deleted meanwhile
  const looked = await lookUp(world, scope, target, signal);
  await transaction(world.db, async (tx) => {
    const isSame = await merge({ ...world, db: tx }, payload, 'told' in looked ? looked.told : {});
    if (!isSame) return; // deleted, or made anew: that asks for itself
    const againMs = 'failed' in looked && looked.passing ? AGAIN_AFTER_MS[payload.failures] : undefined;
    if (againMs !== undefined) {
      const runAt = new Date(world.clock.now().getTime() + againMs);
      await enqueue(tx, { task: 'post-connection', payload: { ...payload, failures: payload.failures + 1 }, runAt });
    }
    // Also after a failure: an app that waits for its new connection must not wait for a provider's recovery.
    await tellSaved(tx, payload);
  });
}

async function lookUp(world: AccessWorld, scope: InEnvironment, target: Target, signal: AbortSignal): Promise<Looked> {
  const { connection, integration } = target;
  const provider = providerOf(world, integration);
  const ask = provider && afterConnectOf(provider);
  if (!ask) return { told: {} };
  const operation = startOperation(world, scope, {
    type: 'auth',
    action: 'post_connection',
    title: `Ask ${provider.display_name} about the new connection`,
    integration: connection.providerConfigKey,
    provider: connection.provider,
    connection: connection.connectionId,
  });
  try {
    const { access } = await accessConnection(world, scope, target);
    const told = await ask(openApi(world, access, { operation, signal }));
    operation.end({ state: 'success', meta: { learned: Object.keys(told.config ?? {}) } });
    return { told };
  } catch (error) {
    if (signal.aborted) throw error; // runs again elsewhere
    const message = error instanceof Error ? error.message : String(error);
    operation.log('error', message);
    operation.end({ state: 'failed', error: message });
    const status = error instanceof ApiError ? error.status : undefined;
    return { failed: message, passing: status === undefined || status === 429 || status >= 500 };
  }
}

/** In the database, so that what others change at the same time stays. @returns false when the connection was made anew meanwhile */
async function merge(
  world: Pick<AccessWorld, 'db' | 'keyring'>,
  { environmentId, connectionId, saves }: PostConnection,
  told: Told,
): Promise<boolean> {
  const config = Object.fromEntries(Object.entries(told.config ?? {}).filter(([, value]) => value !== undefined));
  const merged = await run(
    world.db,
    sql`update connections
           set connection_config = (connection_config - ${[...(told.remove ?? [])]}::text[]) || ${JSON.stringify(config)}::jsonb,
               account_id = coalesce(account_id, ${told.account ?? null})
         where environment_id = ${environmentId} and id = ${connectionId} and saves = ${saves} and deleted_at is null`,
  );
  if (merged !== 1) return false;
  if (told.remove) await forgetSecrets(world, { environmentId, id: connectionId }, told.remove);
  return true;
}

/** Once, however often the job runs: whoever takes the news away tells it. */
async function tellSaved(tx: Database, { environmentId, connectionId: id }: PostConnection): Promise<void> {
  const row = await one<{ news: Events['connection.saved'] }>(
    tx,
    sql`with held as (select id, news from connections where environment_id = ${environmentId} and id = ${id} and news is not null for update)
        update connections c set news = null from held where c.id = held.id and c.environment_id = ${environmentId} returning held.news`,
  );
  if (row) await publish(tx, environmentId, 'connection.saved', row.news);
}
