import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { many, transaction } from '../src/base/database.ts';
import { lookConnectionById } from '../src/connections/find.ts';
import { gather, gathered } from '../src/http/gather.ts';
import { wanted } from '../src/http/wanted.ts';
import { createIntegrations, importConnection } from './connections/fixture.ts';
import { startPlatform } from './platform.ts';

const platform = await startPlatform({ worker: false });

/** Answers each crowd when told to. */
function slow(lingerMs = 0) {
  const crowds: { keys: readonly string[]; answer: () => void }[] = [];
  const ask = gather<string, string>(
    (keys) =>
      new Promise((resolve, reject) =>
        crowds.push({
          keys,
          answer: () => (keys.includes('bad') ? reject(new Error('cannot be asked')) : resolve(keys.map((key) => `${key}!`))),
        }),
      ),
    (key) => key,
    lingerMs,
  );
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  return { ask, crowds, turn };
}

test('questions of one turn are asked together, each once, and answered in their places', async () => {
  const { ask, crowds, turn } = slow();
  const answers = Promise.all([ask('a'), ask('b'), ask('a')]);
  await turn();
  expect(crowds.map(({ keys }) => keys)).toEqual([['a', 'b']]);
  crowds[0]?.answer();
  expect(await answers).toEqual(['a!', 'b!', 'a!']);
});

test('a question that comes while the same one is under way is asked anew, so its answer is never from before it', async () => {
  const { ask, crowds, turn } = slow();
  const first = ask('a');
  await turn();
  const second = ask('a');
  await turn();
  expect(crowds).toHaveLength(1);
  crowds[0]?.answer();
  await first;
  await turn();
  expect(crowds.map(({ keys }) => keys)).toEqual([['a'], ['a']]);
  crowds[1]?.answer();
  expect(await second).toBe('a!');
});

test('those that may wait do so while they come together; one that comes alone does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { ask, crowds, turn } = slow(20);
    const answered = async (...keys: string[]) => {
      const answers = keys.map(ask);
      await turn();
      crowds.at(-1)?.answer();
      await Promise.all(answers);
      await turn();
    };
    await answered('alone');
    await answered('again');
    await answered('two', 'at once');
    expect(crowds).toHaveLength(3);
    const late = [ask('first')];
    await turn();
    expect(crowds).toHaveLength(3);
    late.push(ask('second'));
    await vi.advanceTimersByTimeAsync(20);
    await turn();
    expect(crowds[3]?.keys).toEqual(['first', 'second']);
    crowds[3]?.answer();
    expect(await Promise.all(late)).toEqual(['first!', 'second!']);
  } finally {
    vi.useRealTimers();
  }
});

test('one question that cannot be asked fails alone', async () => {
  const { ask, crowds, turn } = slow();
  const answers = Promise.allSettled([ask('a'), ask('bad'), ask('c')]);
  for (let crowd = 0; crowd < 4; crowd++) {
    await turn();
    crowds[crowd]?.answer();
  }
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const later = ask('d');
  await turn();
  crowds[4]?.answer();
  expect(await later).toBe('d!');
});

test('an answer that never comes holds up nobody who asks later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { ask, crowds, turn } = slow();
    void ask('hangs');
    await turn();
    const later = ask('a');
    await turn();
    expect(crowds).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await turn();
    expect(crowds.map(({ keys }) => keys)).toEqual([['hangs'], ['a']]);
    crowds[1]?.answer();
    expect(await later).toBe('a!');
  } finally {
    vi.useRealTimers();
  }
});

test.each([1, 2, 3, 7, 8, 9, 30])('%i rows wanted together are each found, or not, in their places', async (count) => {
  const look = gathered<number, { square: number }>(
    (keys) =>
      sql`select place::int, wanted.n * wanted.n as square from ${wanted(keys, [['n', 'int', (key) => key]])} where wanted.n % 3 <> 0`,
    String,
  );
  const keys = Array.from({ length: count }, (_, index) => index + 1);
  const rows = await Promise.all(keys.map((key) => look(platform.world.db, key)));
  expect(rows).toEqual(keys.map((key) => (key % 3 === 0 ? undefined : { square: key * key })));
});

test('a connection and its integration are looked up without being planned each time', async () => {
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
  const scope = await platform.scopeOf('dev');
  const plans = await transaction(platform.world.db, async (db) => {
    const [{ id } = { id: 0 }] = await many<{ id: number }>(db, sql`select id from connections`);
    for (let time = 0; time < 20; time++) expect(await lookConnectionById({ db }, scope, id)).toBeDefined();
    return many<{ kept: boolean }>(
      db,
      sql`select generic_plans >= 15 as kept from pg_prepared_statements where statement like '%as wanted(%' and generic_plans + custom_plans >= 20`,
    );
  });
  expect(plans).toEqual([{ kept: true }, { kept: true }]);
});
