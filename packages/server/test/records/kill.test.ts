import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { only } from '../../src/base/database.ts';
import { countsOfRun } from '../../src/records/counts.ts';
import { bundle, start } from '../base/process.ts';
import { freshDatabase } from '../postgres.ts';
import { TestStream } from './stream.ts';

const { target, db } = await freshDatabase();

test('after kill -9 of a writer at any moment the kept counts are those of the rows', async () => {
  const file = await bundle(new URL('./fixtures/writer.ts', import.meta.url));
  const s = await TestStream.open(db);
  for (let round = 0; round < 6; round++) {
    const { child, line, stderr, exited } = await start(
      file,
      [target, s.scope.environment, s.stream].map((value) => JSON.stringify(value)),
    );
    expect(line, stderr()).toBe('writing');
    // A busy machine may take a while over the first chunk, and there is nothing to lose before it.
    while ((await s.counters()).kept.live === 0) await sleep(10);
    await sleep(60 + round * 23);
    child.kill('SIGKILL');
    await exited;
    // Waits for whatever the server still does for the dead client, as the next writer would.
    await sql`select from record_streams where id = ${s.stream.id} for update`.execute(db);
    const { kept, counted } = await s.counters();
    expect(kept).toEqual(counted);
    expect(kept.live).toBeGreaterThan(0);
    const { Contact } = await countsOfRun(db, 1);
    expect((Contact?.added ?? 0) - (Contact?.deleted ?? 0)).toBe(kept.live);
    const last = await only<{ kept: number; highest: number }>(
      db,
      sql`select seq as kept, (select max(seq) from records where stream_id = ${s.stream.id}) as highest from record_streams where id = ${s.stream.id}`,
    );
    expect(last.highest).toBeLessThanOrEqual(last.kept);
  }
});

test('after kill -9 of a writer at any moment each kept version ends where the next begins', async () => {
  const file = await bundle(new URL('./fixtures/writer.ts', import.meta.url));
  const s = await TestStream.open(db);
  await sql`update record_streams set history_since = now() where id = ${s.stream.id}`.execute(db);
  for (let round = 0; round < 3; round++) {
    const { child, line, stderr, exited } = await start(
      file,
      [target, s.scope.environment, s.stream].map((value) => JSON.stringify(value)),
    );
    expect(line, stderr()).toBe('writing');
    while ((await s.counters()).kept.live === 0) await sleep(10);
    await sleep(80 + round * 37);
    child.kill('SIGKILL');
    await exited;
    await sql`select from record_streams where id = ${s.stream.id} for update`.execute(db);
    const { versions, open } = await only<{ versions: number; open: number }>(
      db,
      sql`select count(replaced_at)::int as versions, count(*) filter (where replaced_at is distinct from next)::int as open from (
            select replaced_at, lead(changed_at) over (partition by external_id order by seq) as next from (
              select external_id, seq, changed_at, replaced_at from record_versions where stream_id = ${s.stream.id}
              union all select external_id, seq, changed_at, null from records where stream_id = ${s.stream.id}) every_one) pairs`,
    );
    expect(open).toBe(0);
    if (round > 0) expect(versions).toBeGreaterThan(0);
  }
});
