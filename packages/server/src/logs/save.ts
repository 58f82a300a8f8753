/**
 * Saves a batch of the journal with one statement of three parts. An operation that ended in the batch it started in is one insert.
 * An entry that Postgres cannot take is dropped alone and reported: it must not hold up the others for ever.
 */
import { sql } from 'kysely';
import { prepared, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { publishLive } from '../http/live.ts';
import type { EndEntry, LogEntry, StartEntry } from './entry.ts';

type Needs = Pick<World, 'db' | 'bus' | 'log'>;

const PORTION_CHARS = 4_000_000;

/** What the journal is created with. */
export async function saveLog(world: Needs, entries: readonly LogEntry[]): Promise<void> {
  try {
    await saveBatch(world.db, entries);
  } catch (error) {
    if (!isRefused(error)) throw error;
    await saveOneByOne(world, entries);
  }
  for (const id of new Set(entries.map(({ environmentId }) => environmentId))) publishLive(world, id, 'operations');
}

async function saveOneByOne(world: Needs, entries: readonly LogEntry[]): Promise<void> {
  for (const entry of entries) {
    try {
      await saveBatch(world.db, [entry]);
    } catch (error) {
      if (!isRefused(error)) throw error;
      world.log.error({ err: error, entry: entry.entry, operation: entry.operationId }, 'an activity log entry could not be stored');
    }
  }
}

/** Classes 22 and 23 of PostgreSQL's error codes: the data is wrong, so trying again is of no use. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code);
}

/** One statement, unless it would be longer than Postgres takes: then several in one transaction. */
async function saveBatch(db: Database, entries: readonly LogEntry[]): Promise<void> {
  const starts = entries.filter((entry) => entry.entry === 'start');
  const messages = entries.filter((entry) => entry.entry === 'message');
  const ends = new Map<string, EndEntry>();
  for (const entry of entries) if (entry.entry === 'end' && !ends.has(nameOf(entry))) ends.set(nameOf(entry), entry);
  const started = new Set(starts.map(nameOf));
  const later = [...ends.values()].filter((end) => !started.has(nameOf(end)));
  const texts = together([portions(operationsOf(starts, ends)), portions(messages), portions(later)]);
  const [first, second] = [texts.next().value, texts.next().value];
  if (!first) return;
  if (!second) return void (await run(db, saving(first)));
  await transaction(db, async (tx) => {
    for (const one of [first, second]) await run(tx, saving(one));
    for (const one of texts) await run(tx, saving(one));
  });
}

type Texts = readonly [operations: string, messages: string, ends: string];

/** The next of each, until there is none of any. */
function* together(kinds: readonly [Portions, Portions, Portions]): Generator<Texts, undefined> {
  for (;;) {
    const texts = kinds.map((kind) => kind.next().value ?? '') as [string, string, string]; // as many as there are kinds
    if (texts.every((text) => text === '')) return;
    yield texts.map((text) => text || '[]') as [string, string, string];
  }
}

const saving = ([operations, messages, ends]: Texts) =>
  prepared(sql`with started as (${starting(operations)}), said as (${saying(messages)}) ${ending(ends)}`);

/** With its environment, so that nobody ends another environment's operation. */
function nameOf({ environmentId, operationId }: LogEntry): string {
  return `${environmentId} ${operationId}`;
}

function operationsOf(starts: readonly StartEntry[], ends: ReadonlyMap<string, EndEntry>) {
  // A delivery that two attempt at once starts its operation twice.
  const once = new Map(starts.map((start) => [nameOf(start), start]));
  return [...once.values()].map((start) => {
    const end = ends.get(nameOf(start));
    return {
      id: start.operationId,
      environment_id: start.environmentId,
      type: start.type,
      action: start.action,
      state: end?.state ?? 'running',
      title: end?.title ?? start.title,
      integration: start.integration,
      provider: start.provider,
      connection: start.connection,
      function: start.function,
      started_at: start.startedAt,
      ended_at: end?.endedAt ?? null,
      error: end?.error ?? null,
      meta: start.meta || end?.meta ? { ...start.meta, ...end?.meta } : null,
    };
  });
}

/**
 * A batch whose commit was not acknowledged comes again, and work taken up after a crash starts its operation again:
 * what is there already is left alone, but an end that comes with it counts.
 */
const starting = (operations: string) => sql`
  insert into operations select * from jsonb_populate_recordset(null::operations, ${operations}::jsonb)
  on conflict (id) do update set state = excluded.state, ended_at = excluded.ended_at, error = excluded.error, title = excluded.title,
                                 meta = coalesce(operations.meta, '{}') || coalesce(excluded.meta, '{}')
    where operations.state = 'running' and excluded.state <> 'running' and operations.environment_id = excluded.environment_id`;

const saying = (messages: string) => sql`
  insert into operation_messages (operation_id, at, level, kind, message, meta)
  select given.value ->> 'operationId', (given.value ->> 'at')::timestamptz, given.value ->> 'level', given.value ->> 'kind',
         given.value ->> 'message', nullif(given.value -> 'meta', 'null'::jsonb)
    from jsonb_array_elements(${messages}::jsonb) with ordinality as given(value, place)
   order by place`;

/** Of operations that are saved already. Only a running one ends, so the first end counts. */
const ending = (ends: string) => sql`
  update operations set state = given.state, ended_at = given."endedAt", error = given.error,
         title = coalesce(given.title, operations.title),
         meta = case when given.meta is null then operations.meta else coalesce(operations.meta, '{}') || given.meta end
    from jsonb_to_recordset(${ends}::jsonb)
      as given("operationId" text, "environmentId" int, state text, "endedAt" timestamptz, error text, title text, meta jsonb)
   where operations.id = given."operationId" and operations.environment_id = given."environmentId" and operations.state = 'running'`;

type Portions = Generator<string, undefined>;

/** JSON arrays of some megabytes each; Postgres refuses a jsonb of 256 MB, which a full journal of large messages would exceed. */
function* portions(rows: readonly object[]): Portions {
  let texts: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    texts.push(text);
    chars += text.length;
    if (chars < PORTION_CHARS) continue;
    yield `[${texts.join(',')}]`;
    texts = [];
    chars = 0;
  }
  if (texts.length > 0) yield `[${texts.join(',')}]`;
}
