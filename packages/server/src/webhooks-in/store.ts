/**
 * Store webhooks and their job, as one statement for all that arrive at about the same time: a provider is answered when it is committed. One that
 * has come before under the name its provider gave it is left alone, and answered the same.
 */
import { sql } from 'kysely';
import { many, prepared } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { gather } from '../http/gather.ts';
import { enqueuing } from '../queue/enqueue.ts';
import { routingQueue } from '../queue/task.ts';
import { seal } from '../vault/seal.ts';
import { type Arrived, incomingPlace, pack } from './incoming-webhook.ts';

export type NewWebhook = {
  readonly environmentId: number;
  readonly integrationId: number;
  readonly arrived: Arrived;
  readonly name: string | undefined;
  readonly event: string | undefined;
  readonly verified: boolean;
};
type Row = Omit<NewWebhook, 'arrived'> & { readonly id: string; readonly bytes: number; readonly sealed: Buffer };

/** A crowd of those would be one statement of gigabytes. */
const CROWDED_BYTES_MAX = 64 * 1024;
/** Behind actions, before syncs. */
const ROUTE_PRIORITY = 1;

const together = new WeakMap<Database, (row: Row) => Promise<boolean>>();

/** @returns false when it was there already */
export async function storeWebhook(
  { db, keyring, random }: Pick<World, 'db' | 'keyring' | 'random'>,
  { arrived, ...about }: NewWebhook,
): Promise<boolean> {
  const id = random.uuid();
  const sealed = await seal(keyring, incomingPlace({ environmentId: about.environmentId, id }), pack(arrived));
  const row = { ...about, id, bytes: arrived.body.length, sealed };
  if (sealed.length > CROWDED_BYTES_MAX) return (await storeAll(db, [row]))[0] ?? false;
  const known =
    together.get(db) ??
    gather(
      (rows: readonly Row[]) => storeAll(db, rows),
      (one) => one.id,
    );
  together.set(db, known);
  return known(row);
}

async function storeAll(db: Database, rows: readonly Row[]): Promise<boolean[]> {
  const stored = await many<{ id: string }>(
    db,
    prepared(sql<{ id: string }>`
      with stored as (
        insert into incoming_webhooks (id, environment_id, integration_id, delivery_name, event, verified, bytes, sealed)
        select * from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ environmentId }) => environmentId)}::int[],
                             ${rows.map(({ integrationId }) => integrationId)}::int[], ${rows.map(({ name }) => name ?? null)}::text[],
                             ${rows.map(({ event }) => event ?? null)}::text[], ${rows.map(({ verified }) => verified)}::bool[],
                             ${rows.map(({ bytes }) => bytes)}::int[], ${rows.map(({ sealed }) => sealed)}::bytea[])
        on conflict (integration_id, delivery_name) where delivery_name is not null do nothing
        returning id, environment_id, integration_id),
      queued as (${enqueuing(
        'webhooks-route',
        sql`select json_build_object('environmentId', environment_id, 'integrationId', integration_id, 'ids', json_agg(id)) as payload, integration_id
              from stored group by environment_id, integration_id`,
        { queue: sql`${routingQueue}::text || integration_id`, priority: ROUTE_PRIORITY },
      )})
      select id from stored, (select count(*) from queued) done`),
  );
  const fresh = new Set(stored.map(({ id }) => id));
  return rows.map(({ id }) => fresh.has(id));
}
