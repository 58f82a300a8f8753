/**
 * Tells one event to its listeners. Each listener runs in a transaction of its own that also notes its name on the event:
 * what it writes happens exactly once, and one that fails is tried again alone, without holding up or repeating the others.
 */
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Event, EventType } from './event.ts';

/** Does its work through `tx` only, and quickly: whatever takes time is a job it enqueues. */
export type Listener<T extends EventType> = (tx: Database, event: Event<T>) => Promise<void>;
/** Who hears what. The inner names are stored: renaming one makes it hear the events that are under way again. */
export type Listeners = { readonly [T in EventType]: Readonly<Record<string, Listener<T>>> };

/** The handler of the `event` job. @throws AggregateError when listeners failed; the job engine then tries again */
export async function dispatch({ db }: Pick<World, 'db'>, listeners: Listeners, eventId: number): Promise<void> {
  const event = await look(db, eventId);
  if (!event) return; // purged
  const errors: unknown[] = [];
  for (const [name, listener] of Object.entries(listeners[event.type] ?? {})) {
    try {
      await transaction(db, (tx) => tell(tx, event, name, listener as Listener<EventType>)); // it is listed under this event's type
    } catch (error) {
      errors.push(new Error(`${event.type}: the listener "${name}" failed`, { cause: error }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(reason).join('; '));
}

function look(db: Database, id: number): Promise<Event | undefined> {
  return one(db, sql<Event>`select id, environment_id, type, payload from events where id = ${id}`);
}

async function tell(tx: Database, event: Event, name: string, listener: Listener<EventType>): Promise<void> {
  // The row is locked until the commit, so of two dispatches of one event the second finds the name noted.
  const noted = await run(
    tx,
    sql`update events set heard = heard || ${name}::text where id = ${event.id} and environment_id = ${event.environmentId} and ${name} <> all(heard)`,
  );
  if (noted > 0) await listener(tx, event);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
