/**
 * Note that a webhook came, for who listens from afar: the one place that does. Nothing is kept unless somebody listened within the last hour, and a
 * provider is answered the same whether it could be kept or not.
 */
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { gathered } from '../http/gather.ts';
import type { Scope } from '../http/scope.ts';
import { wanted } from '../http/wanted.ts';
import type { Integration } from '../integrations/integration.ts';
import { seal } from '../vault/seal.ts';
import { type Arrived, keptHeaders } from './incoming-webhook.ts';
import { CHANNEL, type KeptContent, keptPlace } from './kept.ts';

const COUNT_MAX = 1_000;
/** More than the largest body that the door takes, so the newest always fits. */
const BYTES_MAX = 32 * 1024 * 1024;
const KEPT = '1 hour';

export async function keepForListeners(
  world: Pick<World, 'db' | 'bus' | 'keyring' | 'log'>,
  { environment }: Scope,
  { id: integrationId, uniqueKey }: Integration,
  arrived: Arrived,
): Promise<void> {
  const environmentId = environment.id;
  try {
    if (!(await isListenedTo(world.db, environmentId))) return;
    const text = JSON.stringify(contentOf(uniqueKey, arrived));
    await transaction(world.db, async (tx) => {
      const row = await one<{ id: number }>(
        tx,
        sql`update webhook_listeners set last_id = last_id + 1 where environment_id = ${environmentId} returning last_id as id`,
      );
      if (!row) return;
      const sealed = await seal(world.keyring, keptPlace({ environmentId, id: row.id }), text);
      await run(
        tx,
        sql`insert into kept_webhooks (environment_id, id, integration_id, bytes, sealed)
            values (${environmentId}, ${row.id}, ${integrationId}, ${sealed.length}, ${sealed})`,
      );
      await trim(tx, environmentId, row.id);
      await world.bus.publish(CHANNEL, { environmentId }, tx);
    });
  } catch (error) {
    world.log.warn({ err: error }, 'a webhook could not be kept for those who listen');
  }
}

async function isListenedTo(db: Database, environmentId: number): Promise<boolean> {
  return (await lookListener(db, environmentId)) !== undefined;
}

/** Every webhook asks. */
const lookListener = gathered<number, { id: number }>(
  (ids) => sql<{ id: number; place: number }>`select place::int, wanted_id as id
        from ${wanted(ids, [['wanted_id', 'int', (id) => id]])} join webhook_listeners on environment_id = wanted_id
       where listened_at > now() - ${KEPT}::interval`,
  String,
);

function contentOf(integration: string, arrived: Arrived): KeptContent {
  const { method, url, body } = arrived;
  const [, query = ''] = /\?(.*)$/s.exec(url) ?? [];
  return { integration, method, query, headers: keptHeaders(arrived), body: body.toString('base64') };
}

async function trim(tx: Database, environmentId: number, newest: number): Promise<void> {
  await run(
    tx,
    sql`delete from kept_webhooks where environment_id = ${environmentId}
           and (id <= ${newest - COUNT_MAX} or received_at < now() - ${KEPT}::interval or id in (
             select id from (select id, sum(bytes) over (order by id desc) as total from kept_webhooks where environment_id = ${environmentId}) sums
              where total > ${BYTES_MAX}))`,
  );
}

/** Of all environments. */
export async function sweepKept({ db }: Pick<World, 'db'>): Promise<void> {
  await run(db, sql`delete from kept_webhooks where received_at < now() - ${KEPT}::interval`);
}

export async function removeKept(db: Database, environmentId: number): Promise<void> {
  await run(db, sql`delete from kept_webhooks where environment_id = ${environmentId}`);
  await run(db, sql`delete from webhook_listeners where environment_id = ${environmentId}`);
}
