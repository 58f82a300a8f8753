/**
 * Tells one event to its listeners. Each listener runs in a transaction of its own that also notes its name on the event:
 * what it writes happens exactly once, and one that fails is tried again alone, without holding up or repeating the others.
 */
import { sql } from 'kysely';
import { many, one, prepared, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import type { Event, EventType } from './event.ts';

/** Does its work through `tx` only, and quickly: whatever takes time is a job it enqueues. */
export type Listener<T extends EventType> = (tx: Database, event: Event<T>) => Promise<void>;
/**
 * Hears the events of an environment in the order of their publishing, many in one transaction: whoever comes first hears for all who wait.
 * One that cannot be heard is told alone, so that it does not keep the others.
 */
export type OrderedListener = { readonly inOrder: (tx: Database, events: readonly Event[]) => Promise<void> };
/** Who hears what. The inner names are stored: renaming one makes it hear the events that are under way again. */
export type Listeners = { readonly [T in EventType]: Readonly<Record<string, Listener<T> | OrderedListener>> };

/** First half of the lock's key, the environment's id is the second; the bytes of "even". */
const ORDER_LOCKS = 0x6576656e;
const AT_ONCE_MAX = 200;

/** The handler of the `event` job. @throws AggregateError when listeners failed; the job engine then tries again */
export async function dispatch({ db }: Pick<World, 'db'>, listeners: Listeners, eventId: number): Promise<void> {
  const event = await look(db, eventId);
  if (!event) return; // purged
  const errors: unknown[] = [];
  for (const [name, listener] of Object.entries(listeners[event.type] ?? {})) {
    try {
      if ('inOrder' in listener) await tellInOrder(db, event, { name, types: typesOf(listeners, name), ...listener });
      else await transaction(db, (tx) => tell(tx, event, name, listener as Listener<EventType>)); // it is listed under this event's type
    } catch (error) {
      errors.push(new Error(`${event.type}: the listener "${name}" failed`, { cause: error }));
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(reason).join('; '));
}

type Stored = Event & { heard: string[] };

function look(db: Database, id: number): Promise<Stored | undefined> {
  return one(db, prepared(sql<Stored>`select id, environment_id, type, payload, heard from events where id = ${id}`));
}

async function tell(tx: Database, event: Event, name: string, listener: Listener<EventType>): Promise<void> {
  if (await note(tx, event, name)) await listener(tx, asTold(event));
}

/** The row is locked until the commit, so of two dispatches of one event the second finds the name noted. */
async function note(tx: Database, event: Event, name: string): Promise<boolean> {
  const noted = await run(
    tx,
    sql`update events set heard = heard || ${name}::text where id = ${event.id} and environment_id = ${event.environmentId} and ${name} <> all(heard)`,
  );
  return noted > 0;
}

type Ordered = OrderedListener & { readonly name: string; readonly types: readonly string[] };

const typesOf = (listeners: Listeners, name: string) =>
  Object.entries(listeners).flatMap(([type, heardBy]) => (name in heardBy ? type : []));

/** Turns of this process under way. Who waits for one here holds no connection, of which those who wait for the database's lock could hold all. */
const underWay = new WeakMap<Database, Map<string, Promise<void>>>();

async function tellInOrder(db: Database, event: Stored, ordered: Ordered): Promise<void> {
  const { name } = ordered;
  if (event.heard.includes(name)) return; // one that waited with it was told for both
  const turns = underWay.get(db) ?? new Map<string, Promise<void>>();
  underWay.set(db, turns);
  const key = `${event.environmentId} ${name}`;
  for (let before = turns.get(key); before; before = turns.get(key)) {
    await before;
    if ((await look(db, event.id))?.heard.includes(name) ?? true) return;
  }
  const turn = takeOurTurn(db, event, ordered);
  turns.set(
    key,
    turn.catch(() => {}).finally(() => turns.delete(key)),
  );
  await turn;
}

async function takeOurTurn(db: Database, event: Stored, { name, types, inOrder }: Ordered): Promise<void> {
  try {
    await transaction(db, async (tx) => {
      await takeTurn(tx, event.environmentId);
      const events = await takeUnheard(tx, event, { name, types });
      if (events.length > 0) await inOrder(tx, events);
    });
  } catch (error) {
    const told = await transaction(db, async (tx) => {
      await takeTurn(tx, event.environmentId);
      if (await note(tx, event, name)) await inOrder(tx, [asTold(event)]);
      return true;
    }).catch(() => false);
    if (!told) throw error;
  }
}

const takeTurn = (tx: Database, environmentId: number) => run(tx, sql`select pg_advisory_xact_lock(${ORDER_LOCKS}, ${environmentId})`);

/** The oldest that have not been heard, and in any case the one this is about; none when that one has been heard meanwhile. */
async function takeUnheard(
  tx: Database,
  { id, environmentId }: Event,
  { name, types }: { name: string; types: readonly string[] },
): Promise<Event[]> {
  const named = sql.lit(`{${name}}`); // in the statement's text, as the index has it
  return many(
    tx,
    sql<Event>`
      with taken as (
        update events set heard = heard || ${name}::text
         where environment_id = ${environmentId} and not heard @> ${named}::text[] and id in (
           (select id from events where environment_id = ${environmentId} and not heard @> ${named}::text[] and type = any(${[...types]}::text[])
             order by id limit ${AT_ONCE_MAX})
           union all select ${id}::bigint)
           and exists (select from events mine where mine.id = ${id} and mine.environment_id = ${environmentId} and ${name} <> all(mine.heard))
        returning id, environment_id, type, payload)
      select * from taken order by id`,
  );
}

const asTold = ({ id, environmentId, type, payload }: Event) => ({ id, environmentId, type, payload }) as Event; // the same without what dispatching needs

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
