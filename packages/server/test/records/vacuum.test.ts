/** Vacuum of what was saved, on a server that looks for such work each second. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { only, run } from '../../src/base/database.ts';
import { startEmbedded } from '../../src/base/embedded.ts';
import { migrate } from '../../src/base/migrate.ts';
import { connectPostgres } from '../../src/base/postgres.ts';

const log = pino({ level: 'silent' });

test('100,000 new records are frozen by the next vacuum, however many lie there already, so that reading them writes nothing', async () => {
  const home = mkdtempSync(join(tmpdir(), 'bowline-vacuum-'));
  chmodSync(home, 0o711);
  const embedded = await startEmbedded({ home: join(home, 'home'), log, settings: { fsync: 'off', autovacuum_naptime: '1s' } });
  const { pool, db } = connectPostgres(embedded.target, { max: 2, log });
  onTestFinished(async () => {
    await pool.end();
    await embedded.stop();
    rmSync(home, { recursive: true, force: true });
  });
  await migrate(pool, { log });
  const save = (from: number, count: number) =>
    run(
      db,
      sql`insert into records (stream_id, external_id, size, hash, seq, created_at, changed_at)
          select 1, 'r-' || n, 0, '', n, now(), now() from generate_series(${from}::int, ${from + count - 1}::int) n`,
    );
  const vacuumed = async (times: number) => {
    for (;;) {
      const { count } = await only<{ count: number }>(
        db,
        sql`select sum(autovacuum_count)::int as count from pg_stat_user_tables where relid in (${partitions})`,
      );
      if (count >= times)
        return only<{ pages: number; frozen: number }>(
          db,
          sql`select sum(relpages)::int as pages, sum(relallfrozen)::int as frozen ${ofPartitions}`,
        );
      await sleep(100);
    }
  };
  await save(1, 600_000);
  const first = await vacuumed(1);
  expect(first).toMatchObject({ frozen: first.pages });
  await save(600_001, 101_000); // a sixth, where by Postgres' own rule a fifth is wanted
  const second = await vacuumed(2);
  expect(second).toMatchObject({ frozen: second.pages });
  expect(second.pages).toBeGreaterThan(first.pages);
});

const partitions = sql`select inhrelid from pg_inherits where inhparent = 'records'::regclass`;
const ofPartitions = sql`from pg_class where oid in (${partitions}) and relpages > 0`;
