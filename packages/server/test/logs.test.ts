import type { JsonObject } from '@bowline/api/fields';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { many, only, run } from '../src/base/database.ts';
import type { FinalState } from '../src/logs/entry.ts';
import { operationHours } from '../src/logs/hours.ts';
import { resumeOperation, startOperation } from '../src/logs/operation.ts';
import { firstOperationId, newOperationId } from '../src/logs/operation-id.ts';
import { searchOperations } from '../src/logs/search.ts';
import { sweepLog } from '../src/logs/sweep.ts';
import { type Json, type Process, signedIn, startProcess } from './accounts-world.ts';
import { freshDatabase } from './postgres.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const database = await freshDatabase();
let process: Process;
let member: Awaited<ReturnType<typeof signedIn>>;
const inEnvironment = (id: number) => ({ environment: { id } });
let dev: ReturnType<typeof inEnvironment>;
let prod: ReturnType<typeof inEnvironment>;
beforeAll(async () => {
  process = await startProcess(database, { BOWLINE_ADMIN_PASSWORD: 'correct horse' });
  member = await signedIn(process);
  const [, session] = await member.call('GET', '/api/session');
  [dev, prod] = session.environments.map(({ id }: Json) => inEnvironment(id));
});
afterAll(() => process.close());

const start = (title: string, more: Partial<Parameters<typeof startOperation>[2]> = {}, scope = dev) =>
  startOperation(process.world, scope, { type: 'sync', action: 'run', title, ...more });
/** Operations that nothing else in this file matches, ended, each a second after the last. */
async function several(count: number, connection: string, state: FinalState = 'success') {
  const ids = Array.from({ length: count }, (_, n) => {
    process.advance(1_000);
    const operation = start(`${connection} ${n}`, { connection });
    operation.end({ state });
    return operation.id;
  });
  await process.world.journal.flush();
  return ids.reverse();
}
const list = async (query: Record<string, string | number>, environment = 'dev') => {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]));
  const [status, body] = await member.call('GET', `/logs/operations?${text}`, undefined, environment);
  return { status, body, ids: body.operations?.map(({ id }: Json) => id) };
};

test('an operation tells its whole story: start, messages in order, HTTP calls, end', async () => {
  const operation = start('Sync issues', {
    integration: 'github',
    provider: 'github',
    connection: 'c-1',
    function: 'issues',
    meta: { a: 1 },
  });
  operation.log('info', 'first', { page: 1 });
  operation.http({
    request: {
      method: 'GET',
      url: 'https://api.example.com/issues?token=abcdefgh',
      headers: { authorization: 'Bearer abcdefgh', accept: '*/*' },
    },
    response: { status: 200, headers: { 'set-cookie': ['a=b'], etag: '1' } },
    durationMs: 12.4,
    attempt: 1,
  });
  operation.http({ request: { method: 'POST', url: 'https://api.example.com/' }, error: 'connection reset', durationMs: 1, attempt: 2 });
  process.advance(1_500);
  operation.end({ state: 'failed', error: 'The provider hung up', title: 'Sync issues: failed', meta: { added: 3 } });
  operation.end({ state: 'success' });
  await process.world.journal.flush();
  const [status, { operation: shown, messages, next_cursor }] = await member.call(
    'GET',
    `/logs/operations/${operation.id}`,
    undefined,
    'dev',
  );
  expect([status, next_cursor]).toEqual([200, null]);
  expect(shown).toMatchObject({
    type: 'sync', action: 'run', state: 'failed', title: 'Sync issues: failed', error: 'The provider hung up', duration_ms: 1_500,
    integration: 'github', provider: 'github', connection: 'c-1', function: 'issues', meta: { a: 1, added: 3 },
  }); // biome-ignore format: a table
  expect(messages.map(({ level, kind, message }: Json) => [level, kind, message])).toEqual([
    ['info', 'log', 'first'],
    ['info', 'http', 'GET https://api.example.com/issues?token=[removed] → 200'],
    ['error', 'http', 'POST https://api.example.com/ → connection reset'],
  ]);
  expect(messages[0].meta).toEqual({ page: 1 });
  expect(messages[1].meta).toEqual({
    request: {
      method: 'GET',
      url: 'https://api.example.com/issues?token=[removed]',
      headers: { authorization: '[removed]', accept: '*/*' },
    },
    response: { status: 200, headers: { 'set-cookie': '[removed]', etag: '1' } },
    duration_ms: 12,
    attempt: 1,
  });
});

test('an operation saved as running is ended by whoever resumes it, once', async () => {
  const operation = start('two steps', { meta: { kept: true } });
  await process.world.journal.flush();
  const running = await member.call('GET', `/logs/operations/${operation.id}`);
  expect(running[1].operation).toMatchObject({ state: 'running', ended_at: null, duration_ms: null });
  resumeOperation(process.world, prod, operation.id).end({ state: 'cancelled' }); // another environment's hand does nothing
  const resumed = resumeOperation(process.world, dev, operation.id);
  resumed.log('warn', 'from the second step');
  resumed.end({ state: 'success', meta: { more: 1 } });
  resumeOperation(process.world, dev, operation.id).end({ state: 'failed' });
  await process.world.journal.flush();
  const [, { operation: shown, messages }] = await member.call('GET', `/logs/operations/${operation.id}`);
  expect(shown).toMatchObject({ state: 'success', title: 'two steps', meta: { kept: true, more: 1 } });
  expect(messages).toHaveLength(1);
});

test('what was written is saved when the journal closes', async () => {
  const other = await startProcess(database);
  const operation = startOperation(other.world, dev, { type: 'proxy', action: 'call', title: 'just before the stop' });
  for (let n = 0; n < 2_000; n += 1) operation.log('debug', `message ${n}`);
  operation.end({ state: 'success' });
  await other.close();
  const [, { operation: shown, messages, next_cursor }] = await member.call(
    'GET',
    `/logs/operations/${operation.id}?limit=1000`,
    undefined,
    'dev',
  );
  expect(shown.state).toBe('success');
  const [, rest] = await member.call('GET', `/logs/operations/${operation.id}?limit=1000&after=${next_cursor}`);
  const all = [...messages, ...rest.messages].map(({ message }: Json) => message);
  expect(all).toEqual(Array.from({ length: 2_000 }, (_, n) => `message ${n}`));
  expect(rest.next_cursor).toBeNull();
});

test('an entry that cannot be stored does not hold up the others', async () => {
  startOperation(process.world, inEnvironment(987_654), { type: 'sync', action: 'run', title: 'of no environment' });
  const [id] = await several(1, 'after-poison');
  expect((await list({ connection: 'after-poison' })).ids).toEqual([id]);
});

test('any text and any data can be logged', async () => {
  const operation = start('odd \0 title \ud800', { connection: '' });
  operation.log('info', 'nul \0 and half \udc00', { 'k\0': 'v\0\ud800', list: [undefined, () => 1, Number.NaN] });
  operation.log('info', '{"not": json', ['a']);
  operation.end({ state: 'success', error: '\0' });
  await process.world.journal.flush();
  const [status, { operation: shown, messages }] = await member.call('GET', `/logs/operations/${operation.id}`);
  expect([status, shown.title, shown.connection]).toEqual([200, 'odd \ufffd title \ufffd', null]);
  expect(messages.map(({ meta }: Json) => meta)).toEqual([{ 'k\ufffd': 'v\ufffd\ufffd', list: [null, null, null] }, { 0: 'a' }]);
});

test('many large messages at once are saved in order', async () => {
  const operation = start('large');
  for (let n = 0; n < 120; n += 1) operation.log('info', String(n), { body: 'x'.repeat(90_000) });
  await process.world.journal.flush();
  const rows = await many<{ message: string }>(
    database.db,
    sql`select message from operation_messages where operation_id = ${operation.id} order by id`,
  );
  expect(rows.map(({ message }) => Number(message))).toEqual(Array.from({ length: 120 }, (_, n) => n));
});

test('the list is newest first and its pages neither repeat nor lose anything, also while more is written', async () => {
  const ids = await several(25, 'paged');
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await list({ connection: 'paged', limit: 10, ...(cursor ? { cursor } : {}) });
    seen.push(...page.ids);
    cursor = page.body.next_cursor;
    await several(1, 'paged');
  } while (cursor);
  expect(seen).toEqual(ids);
});

test('ids sort by the time of their start', () => {
  const at = (ms: number) => newOperationId({ ...process.world, clock: { now: () => new Date(ms) } });
  const times = [0, 1, 255, 256, 1_700_000_000_000, 1_700_000_000_001, 4_000_000_000_000];
  const ids = times.map(at);
  expect([...ids].sort()).toEqual(ids);
  for (const [index, time] of times.entries()) expect(firstOperationId(new Date(time)) <= (ids[index] ?? '')).toBe(true);
  for (const [index, time] of times.entries()) expect(firstOperationId(new Date(time + 1)) > (ids[index] ?? '')).toBe(true);
});

test('filters narrow by type, state, integration, connection and time', async () => {
  process.advance(1_000);
  const from = process.world.clock.now();
  const make = (type: 'sync' | 'action', state: FinalState, integration: string, connection: string) => {
    process.advance(1_000);
    const operation = start('filtered', { type, integration, connection });
    operation.end({ state });
    return operation.id;
  };
  const a = make('sync', 'success', 'int-a', 'f-1');
  const b = make('action', 'failed', 'int-a', 'f-2');
  const middle = new Date(process.world.clock.now().getTime() + 500);
  const c = make('action', 'success', 'int-b', 'f-1');
  await process.world.journal.flush();
  const since = { from: from.toISOString() };
  expect((await list(since)).ids).toEqual([c, b, a]);
  expect((await list({ ...since, type: 'action' })).ids).toEqual([c, b]);
  expect((await list({ ...since, state: 'failed' })).ids).toEqual([b]);
  expect((await list({ ...since, integration: 'int-a' })).ids).toEqual([b, a]);
  expect((await list({ ...since, connection: 'f-1' })).ids).toEqual([c, a]);
  expect((await list({ ...since, to: middle.toISOString() })).ids).toEqual([b, a]);
  expect((await list({ from: middle.toISOString() })).ids).toEqual([c]);
});

test('search finds text in title, function, connection, error and messages, in any case and literally', async () => {
  const make = (title: string, more: JsonObject, message: string, error?: string) => {
    process.advance(1_000);
    const operation = start(title, more);
    operation.log('info', message);
    operation.end({ state: 'failed', ...(error ? { error } : {}) });
    return operation.id;
  };
  const title = make('Needle in title', {}, '-');
  const fn = make('-', { function: 'fetch-needle' }, '-');
  const connection = make('-', { connection: 'needle-7' }, '-');
  const error = make('-', {}, '-', 'lost a NEEDLE');
  const message = make('-', {}, 'one needle here');
  const percent = make('100% done', {}, 'a_b');
  await process.world.journal.flush();
  expect((await list({ search: 'needle' })).ids).toEqual([message, error, connection, fn, title]);
  expect((await list({ search: '0% d' })).ids).toEqual([percent]);
  expect((await list({ search: 'a_b' })).ids).toEqual([percent]); // and not "a?b" for any sign
  expect((await list({ search: '%%%' })).ids).toEqual([]);
  expect((await list({ search: "'; drop table operations; --\\" })).ids).toEqual([]);
  expect((await list({ search: 'needle', limit: 2 })).ids).toEqual([message, error]);
});

test('search pages like the list, and goes on where a stretch of the log had nothing', async () => {
  const [old] = await several(1, 'haystack');
  process.advance(1_000);
  await run(
    database.db,
    sql`insert into operations (id, environment_id, type, action, state, title, started_at)
        select ${newOperationId(process.world).slice(0, 24)} || lpad(to_hex(n), 12, '0'), ${dev.environment.id}, 'proxy', 'call',
               'success', 'hay', now()
        from generate_series(1, 21000) as n`,
  );
  process.advance(1_000);
  const recent = await several(3, 'haystack');
  const page = await list({ search: 'haystack', limit: 2 });
  expect(page.ids).toEqual(recent.slice(0, 2));
  const second = await list({ search: 'haystack', limit: 2, cursor: page.body.next_cursor });
  expect(second.ids).toEqual(recent.slice(2)); // twenty thousand looked at: the answer comes, unfinished
  expect(second.body.next_cursor).not.toBeNull();
  const third = await list({ search: 'haystack', limit: 2, cursor: second.body.next_cursor });
  expect(third.ids).toEqual([old]);
  expect(third.body.next_cursor).toBeNull();
});

test.each(['x', '1', '01234567-89ab-4def-8123-456789abcdef', "' or 1=1"])('%j is no cursor', async (cursor) => {
  const { status, body } = await list({ cursor });
  expect([status, body.error.code]).toEqual([400, 'invalid_cursor']);
});

test("another environment's operations are neither listed nor found", async () => {
  const [id] = await several(1, 'private');
  expect((await list({ connection: 'private' })).ids).toEqual([id]);
  expect((await list({ connection: 'private' }, 'prod')).ids).toEqual([]);
  expect((await list({ search: 'private' }, 'prod')).ids).toEqual([]);
  const [status, { error }] = await member.call('GET', `/logs/operations/${id}`, undefined, 'prod');
  expect([status, error.code]).toEqual([404, 'not_found']);
  expect((await member.call('GET', '/logs/operations/unknown'))[0]).toBe(404);
});

test('operations are found by the function that ran', async () => {
  const ran = start('by function', { function: 'list-users' });
  start('by function', { function: 'list-user' });
  await process.world.journal.flush();
  expect((await list({ function: 'list-users' })).ids).toEqual([ran.id]);
});

test('messages of several operations come in the order they were stored, page by page, with what became of their operations', async () => {
  const one = start('followed 1');
  process.advance(1_000);
  const other = start('followed 2');
  const foreign = start('foreign', {}, prod);
  foreign.log('info', 'not for dev');
  for (const n of [1, 2, 3]) {
    one.log('info', `one ${n}`);
    other.log('warn', `other ${n}`);
  }
  await process.world.journal.flush();
  const read = async (after: string, limit = 4) => {
    const ids = [one, other, foreign].map(({ id }) => `operation=${id}`).join('&');
    const [status, body] = await member.call('GET', `/logs/messages?${ids}&after=${after}&limit=${limit}`);
    expect(status).toBe(200);
    return body;
  };
  const first = await read('0');
  expect(first.operations.map(({ id, state }: Json) => [id, state])).toEqual([
    [one.id, 'running'],
    [other.id, 'running'],
  ]);
  expect(first.messages.map(({ message, operation_id }: Json) => [message, operation_id])).toEqual([
    ['one 1', one.id],
    ['other 1', other.id],
    ['one 2', one.id],
    ['other 2', other.id],
  ]);
  other.log('info', 'the last');
  other.end({ state: 'success' });
  await process.world.journal.flush();
  const second = await read(first.next_cursor);
  expect(second.messages.map(({ message }: Json) => message)).toEqual(['one 3', 'other 3', 'the last']);
  expect(second.next_cursor).toBeNull();
  expect(second.operations[1].state).toBe('success');
});

test('the last 24 hours are counted by hour, empty ones included', async () => {
  process.advance(30 * HOUR_MS);
  await several(2, 'hours', 'success');
  process.advance(2 * HOUR_MS);
  await several(1, 'hours', 'timeout');
  await several(1, 'hours', 'failed');
  await several(1, 'hours', 'cancelled');
  const hours = await operationHours(process.world, dev.environment.id);
  expect(hours).toHaveLength(24);
  const last = Math.floor(process.world.clock.now().getTime() / HOUR_MS) * HOUR_MS;
  expect(hours.map(({ at }) => Date.parse(at))).toEqual(Array.from({ length: 24 }, (_, n) => last - (23 - n) * HOUR_MS));
  expect(hours.filter(({ success, failed }) => success + failed > 0).map(({ success, failed }) => [success, failed])).toEqual([
    [2, 0],
    [0, 2],
  ]);
  expect((await operationHours(process.world, prod.environment.id)).every(({ success, failed }) => success + failed === 0)).toBe(true);
});

test('sweeping deletes what is older than 15 days with its messages, and closes what never ended', async () => {
  const old = start('old');
  old.log('info', 'old message');
  await process.world.journal.flush();
  process.advance(11 * DAY_MS);
  const abandoned = start('abandoned');
  await process.world.journal.flush();
  process.advance(4 * DAY_MS + 1_000);
  const running = start('still running');
  await process.world.journal.flush();
  const { deleted } = await sweepLog(process.world);
  expect(deleted).toBeGreaterThan(21_000);
  expect((await member.call('GET', `/logs/operations/${old.id}`))[0]).toBe(401); // even the session ended meanwhile
  const { operations } = await searchOperations(process.world, dev, { limit: 100 });
  expect(operations.map(({ id, state }) => [id, state])).toEqual([
    [running.id, 'running'],
    [abandoned.id, 'failed'],
  ]);
  const { count } = await only<{ count: number }>(database.db, sql`select count(*)::int as count from operation_messages`);
  expect(count).toBe(0);
});
