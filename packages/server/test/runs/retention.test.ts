/** Runs do not stay for ever: what is over goes with the activity log that tells of it. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { sweepRuns } from '../../src/runs/retention.ts';
import { deploy } from '../functions.ts';
import { type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  await platform.call('POST', '/integrations', { unique_key: 'key', provider: 'unauthenticated' });
  await platform.call('POST', '/connections', { provider_config_key: 'key', connection_id: 'c-1', credentials: { type: 'NONE' } });
  await deploy(platform, [{ name: 'items' }]);
});

type Made = { days: number; state?: string; sync?: string; kind?: string };

async function make(label: string, { days, state = 'success', sync, kind = 'action' }: Made): Promise<void> {
  const { db } = platform.world;
  await run(
    db,
    sql`with made as (
          insert into runs (environment_id, connection_id, function_id, kind, sync_id, state, operation_id, created_at)
          select c.environment_id, c.id, f.id, ${kind}, ${sync ?? null}::uuid, ${state}, ${label}, now() - ${`${days} days`}::interval
            from connections c, functions f where c.connection_id = 'c-1' and f.name = 'items' returning id)
        insert into record_counts (run_id, model, added) select id, 'Item', 1 from made`,
  );
}

test('those that are over for 15 days go with their counts; the newest of a sync stays, and so does what is not over', async () => {
  const [rare, busy] = ['3f2504e0-4f89-41d3-9a0c-0305e82c3301', '3f2504e0-4f89-41d3-9a0c-0305e82c3302'];
  await make('old action', { days: 16 });
  await make('old webhook', { days: 20, kind: 'webhook', state: 'failed' });
  await make('old and not over', { days: 16, state: 'queued' });
  await make('young action', { days: 14 });
  await make('older of a rare sync', { days: 40, kind: 'sync', sync: rare });
  await make('newest of a rare sync', { days: 30, kind: 'sync', sync: rare });
  await make('older of a busy sync', { days: 16, kind: 'sync', sync: busy });
  await make('newest of a busy sync', { days: 1, kind: 'sync', sync: busy });
  // Two at once, as two processes would.
  const gone = await Promise.all([sweepRuns(platform.world), sweepRuns(platform.world)]);
  expect(gone[0] + gone[1]).toBe(4);
  const left = await many<{ label: string; counts: number }>(
    platform.world.db,
    sql`select operation_id as label, (select count(*)::int from record_counts where run_id = runs.id) as counts from runs order by id`,
  );
  expect(left).toEqual(
    ['old and not over', 'young action', 'newest of a rare sync', 'newest of a busy sync'].map((label) => ({ label, counts: 1 })),
  );
  const [orphans] = await many<{ count: number }>(
    platform.world.db,
    sql`select count(*)::int as count from record_counts where run_id not in (select id from runs)`,
  );
  expect(orphans?.count).toBe(0);
  platform.advance(30 * 24 * 3600_000);
  expect(await sweepRuns(platform.world)).toBe(1);
});
