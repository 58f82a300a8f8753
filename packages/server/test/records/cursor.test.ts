/**
 * The promise that carries everything: whoever follows a stream by cursor meets every change.
 * With a plain sequence for the numbers it breaks, as the second test shows on a table of its own.
 */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { many, run, transaction } from '../../src/base/database.ts';
import type { Database } from '../../src/base/world.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { db } = await freshDatabase();

/** Holds a transaction open for a while after its writes, so that those which started later commit earlier. */
const linger = (tx: Database, ms: number) => sql`select pg_sleep(${ms / 1000})`.execute(tx);
const WRITERS = 6;
const ROUNDS = 25;

async function writeOutOfOrder(write: (tx: Database, writer: number, round: number) => Promise<unknown>): Promise<void> {
  const writer = async (n: number) => {
    for (let round = 0; round < ROUNDS; round++) {
      await transaction(db, async (tx) => {
        if (round % 3 === n % 3) await linger(tx, n); // started early, writing late
        await write(tx, n, round);
        await linger(tx, (n * 7 + round * 3) % 12); // written early, committing late
      });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n)));
}

/** Reads on from the last cursor until told to end, then once more; `seen` are the versions in the order met. */
async function follow(ended: { yet: boolean }, next: () => Promise<string[]>): Promise<string[]> {
  const seen: string[] = [];
  for (;;) {
    const last = ended.yet;
    const page = await next();
    seen.push(...page);
    if (last && page.length === 0) return seen;
  }
}

test('readers that follow by cursor meet every change, though writers commit out of order', async () => {
  const stream = await TestStream.open(db);
  const runId = stream.nextRun();
  const ended = { yet: false };
  const reader = (limit: number) => {
    let cursor: string | undefined;
    return follow(ended, async () => {
      const { records } = await stream.list({ cursor, limit });
      cursor = records.at(-1)?._nango_metadata.cursor ?? cursor;
      return records.map(({ id, round }) => `${id} ${round}`);
    });
  };
  const readers = [reader(1), reader(3), reader(100)];
  // Each writer adds a record a round, and changes one that all change.
  const writes = writeOutOfOrder((tx, n, round) =>
    stream.save(
      [
        { id: `${n}-${round}`, round },
        { id: 'shared', round: `${n}-${round}` },
      ],
      { runId, writes: 'beside' },
      { db: tx },
    ),
  );
  await writes;
  ended.yet = true;
  const everything = (await stream.list({ limit: 10_000 })).records.map(({ id, round }) => `${id} ${round}`);
  expect(everything).toHaveLength(WRITERS * ROUNDS + 1);
  for (const seen of await Promise.all(readers)) expect(everything.filter((version) => !seen.includes(version))).toEqual([]);
});

test('the same with numbers from a sequence skips records, so this test can fail', async () => {
  await run(db, sql`create table naive (id text primary key, seq bigserial)`);
  const ended = { yet: false };
  let after = 0;
  const reader = follow(ended, async () => {
    const rows = await many<{ id: string; seq: number }>(db, sql`select id, seq from naive where seq > ${after} order by seq limit 100`);
    after = rows.at(-1)?.seq ?? after;
    return rows.map(({ id }) => id);
  });
  await writeOutOfOrder((tx, n, round) => run(tx, sql`insert into naive (id) values (${`${n}-${round}`})`));
  ended.yet = true;
  // Of 150 written, a reader met 69, 84 and 89 in three runs.
  expect((await reader).length).toBeLessThan(WRITERS * ROUNDS);
});

test('numbers become visible in their order: what a reader sees never has something appear before it later', async () => {
  const stream = await TestStream.open(db);
  const runId = stream.nextRun();
  const ended = { yet: false };
  const seqs = () => many<{ seq: number }>(db, sql`select seq from records where stream_id = ${stream.stream.id} order by seq`);
  let highest = 0;
  const late: number[] = [];
  const watch = follow(ended, async () => {
    const fresh = (await seqs()).map(({ seq }) => seq).filter((seq) => !known.has(seq));
    late.push(...fresh.filter((seq) => seq < highest));
    for (const seq of fresh) known.add(seq);
    highest = Math.max(highest, ...fresh);
    return fresh.map(String);
  });
  const known = new Set<number>();
  await writeOutOfOrder((tx, n, round) => stream.save([{ id: `${n}-${round}` }], { runId, writes: 'beside' }, { db: tx }));
  ended.yet = true;
  expect(await watch).toHaveLength(WRITERS * ROUNDS);
  expect(late).toEqual([]);
});

test('cursors kept from a connection that was deleted and made anew skip nothing of the new one', async () => {
  const old = await TestStream.open(db);
  await old.save([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { runId: 1 });
  const cursor = (await old.list()).records.at(-1)?._nango_metadata.cursor;
  const remade = await TestStream.open(db);
  await remade.save([{ id: 'a' }], { runId: 2 });
  expect(await remade.actions({ cursor })).toEqual(['a ADDED']);
});
