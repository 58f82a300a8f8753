/** Tells an event upward: a row and a job in the caller's transaction, so nobody hears of what was rolled back and nobody misses what was not. */
import { type RawBuilder, sql } from 'kysely';
import { many, run, transaction } from '../base/database.ts';
import type { Database } from '../base/world.ts';
import { enqueue } from '../queue/enqueue.ts';
import type { Events, EventType } from './event.ts';

export type News<T extends EventType = EventType> = { [K in T]: { readonly type: K; readonly payload: Events[K] } }[T];

/** @param db the transaction of the change that the event tells of */
export async function publish<T extends EventType>(db: Database, environmentId: number, type: T, payload: Events[T]): Promise<void> {
  await publishAll(db, environmentId, [{ type, payload } as News]); // the pair is what News is made of
}

/** Many events at once, heard in no particular order. */
export async function publishAll(db: Database, environmentId: number, news: readonly News[]): Promise<void> {
  if (news.length === 0) return;
  await transaction(db, async (tx) => {
    const rows = await many<{ id: number }>(
      tx,
      sql`insert into events (environment_id, type, payload)
        select ${environmentId}::int, type, payload from jsonb_to_recordset(${JSON.stringify(news, storable)}::jsonb) as n(type text, payload jsonb)
        returning id`,
    );
    await enqueue(
      tx,
      rows.map(({ id }) => ({ task: 'event', payload: { id } })),
    );
  });
}

/** What whoever wants to hear it is told in the same transaction, besides those who read the feed: no job tells of it. */
export async function publishToFeed(tx: Database, environmentId: number, news: readonly News[]): Promise<void> {
  if (news.length === 0) return;
  const told = sql`(select ${environmentId}::int as environment_id, ${JSON.stringify(news, storable)}::jsonb as news) told`;
  await run(tx, newEvents(told, sql`'{webhooks}'::text[]`));
}

/**
 * As a part of a larger statement: the events' rows, without their jobs. Answers `id` and `heard`.
 * @param told its `environment_id` and `news`, a list of News as jsonb
 * @param heard who need not be told any more, as text[]; may ask `news.payload` and what else `told` has
 */
export const newEvents = (told: RawBuilder<unknown>, heard: RawBuilder<unknown>) => sql`
  insert into events (environment_id, type, payload, heard)
  select environment_id, type, payload, ${heard} from ${told} cross join lateral jsonb_to_recordset(news) as news(type text, payload jsonb)
  returning id, heard`;

/** For JSON.stringify: jsonb refuses NUL and unpaired surrogates; an error message of a provider may hold either. */
export function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value;
}
