/** The migration to sealed records, on a database that has records from before, and the sealing of those while the platform works. */
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { pino } from 'pino';
import { beforeAll, expect, test } from 'vitest';
import { canonical } from '../../src/base/canonical.ts';
import { many, only, run } from '../../src/base/database.ts';
import { migrate } from '../../src/base/migrate.ts';
import { sealSome } from '../../src/records/seal-stored.ts';
import { bundle, start } from '../base/process.ts';
import { keyringOf, masterKeys } from '../keyring.ts';
import { freshDatabase } from '../postgres.ts';
import { type Item, TestStream } from './stream.ts';
import { createTenant } from './tenant.ts';

const { db, pool, target } = await freshDatabase({ empty: true });
const key = randomBytes(32);
const world = { db, keyring: keyringOf(db, masterKeys([1, key])), config: { sealRecords: true } };
const streams: TestStream[] = [];
const COUNT = 2_000;
const itemOf = (n: number): Item => ({ id: `r-${n}`, n, name: 'Zoë 🎈'.repeat(n % 9) });
const hashOf = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16);

/** Every tenth is deleted, every tenth and one pruned. */
beforeAll(async () => {
  const all = fileURLToPath(new URL('../../migrations', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'bowline-upgrade-'));
  const log = pino({ level: 'silent' });
  const add = (names: string[]) => {
    for (const name of names) cpSync(join(all, name), join(folder, name));
  };
  const files = readdirSync(all);
  add(files.filter((name) => name < '019'));
  await migrate(pool, { log, folder });
  for (let nr = 0; nr < 3; nr++) {
    const tenant = await createTenant(db);
    const stream = await only<{ id: number }>(
      db,
      sql`insert into record_streams (environment_id, connection_id, model, seq, live, deleted, changed_at)
          values (${tenant.scope.environment.id}, ${tenant.connection}, 'Contact', ${COUNT}, ${COUNT - COUNT / 10}, ${COUNT / 10}, now()) returning id`,
    );
    const lines = Array.from({ length: COUNT }, (_, n) => canonical(itemOf(n)));
    await run(
      db,
      sql`insert into records (stream_id, external_id, payload, size, hash, seq, created_at, updated_at, deleted_at, pruned_at)
          select ${stream.id}, 'r-' || (nr - 1), case when nr % 10 <> 2 then line::json end, case when nr % 10 <> 2 then octet_length(line) else 0 end, hash, nr, now(), now(),
              case when nr % 10 = 1 then now() end, case when nr % 10 = 2 then now() end
            from unnest(${lines}::text[], ${lines.map(hashOf)}::bytea[]) with ordinality as i(line, hash, nr)`,
    );
    await run(
      db,
      sql`update record_streams set bytes = (select sum(size) from records where stream_id = ${stream.id} and deleted_at is null) where id = ${stream.id}`,
    );
    streams.push(
      new TestStream(db, tenant, { ...stream, connectionId: tenant.connection, model: 'Contact', variant: 'base', keySealed: null }, world),
    );
  }
  add(files.filter((name) => name >= '019'));
  await migrate(pool, { log, folder });
  rmSync(folder, { recursive: true });
});

const firstOf = (): TestStream => streams[0] ?? expect.fail('no stream');
const everything = (stream: TestStream) => stream.list({ limit: 10_000 });
const expectCountersToFit = async (stream: TestStream) => {
  const { kept, counted } = await stream.counters();
  expect(kept).toEqual(counted);
};

test('what was stored before is read as it was: live, deleted and pruned, with its order and its times', async () => {
  for (const stream of streams) {
    const { records } = await everything(stream);
    expect(records).toHaveLength(COUNT);
    for (const [n, record] of records.entries()) {
      expect(record).toMatchObject(n % 10 === 1 ? { id: `r-${n}` } : itemOf(n));
      expect(record._nango_metadata).toMatchObject({ last_action: n % 10 === 0 ? 'DELETED' : 'ADDED' });
    }
    await expectCountersToFit(stream);
  }
});

test('saved again unchanged it is sealed on the way, and that is no news', async () => {
  const stream = firstOf();
  const before = await everything(stream);
  const items = [1, 2, 3].map(itemOf); // the first is pruned
  expect(await stream.save(items, { runId: 1 })).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
  const after = await everything(stream);
  expect(after.records.filter((_, n) => n !== 1)).toEqual(before.records.filter((_, n) => n !== 1));
  expect(after.records[1]).toMatchObject(itemOf(1));
  expect(await stream.save([{ ...itemOf(4), v: 2 }, itemOf(10)], { runId: 1 })).toMatchObject({ added: 1, updated: 1 });
  await expectCountersToFit(stream);
});

test('sealing in the background loses nothing, though it is killed again and again beside writers, and ends', async () => {
  const file = await bundle(new URL('./fixtures/sealer.ts', import.meta.url));
  const stopped = { yet: false };
  const versions = new Map<string, number>();
  const writer = async (stream: TestStream) => {
    for (let version = 1; !stopped.yet; version++) {
      const n = (version * 37) % COUNT;
      await stream.save([{ ...itemOf(n), version }], { runId: 2 });
      versions.set(`${stream.stream.id} r-${n}`, version);
      await sleep(2);
    }
  };
  const writers = streams.map(writer);
  for (let round = 0; round < 3; round++) {
    const { child, exited, line, stderr } = await start(file, [JSON.stringify(target), key.toString('hex')]);
    expect(line, stderr()).toBe('sealing');
    await Promise.race([exited, sleep(40 + round * 50)]);
    child.kill('SIGKILL');
    await exited;
  }
  while (await sealSome(world));
  stopped.yet = true;
  await Promise.all(writers);
  for (const stream of streams) {
    const { records } = await everything(stream);
    expect(records).toHaveLength(COUNT);
    for (const record of records) {
      const n = Number(record.id.slice(2));
      const version = versions.get(`${stream.stream.id} ${record.id}`);
      const isKnown = stream === streams[0] && n <= 10;
      if (!isKnown)
        expect(record).toMatchObject(version === undefined && n % 10 === 1 ? {} : { ...itemOf(n), ...(version ? { version } : {}) });
    }
    await expectCountersToFit(stream);
  }
  expect(await many(db, sql`select from record_streams where plain_after is not null`)).toEqual([]);
  const older = sql`get_byte(content, 0) = ascii('{') or (octet_length(hash) = 17 and get_byte(hash, 0) = 0)`;
  expect(await many(db, sql`select from records where ${older}`)).toEqual([]);
}, 240_000);

test('a pruned record from before is known again by what it held, though its old hash is gone', async () => {
  const stream = streams[2] ?? expect.fail('no stream');
  const pruned = (await everything(stream)).records.filter(({ _nango_metadata }) => _nango_metadata.pruned_at !== null);
  const items = pruned.slice(0, 5).map(({ id }) => itemOf(Number(id.slice(2))));
  expect(items).toHaveLength(5);
  expect(await stream.save(items, { runId: 3 })).toMatchObject({ added: 0, updated: 0, unchanged: 5 });
  await expectCountersToFit(stream);
});
