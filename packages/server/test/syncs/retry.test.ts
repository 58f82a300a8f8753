/** Syncs that failed: which are tried again before their turn, when, and what makes it needless. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, only, run } from '../../src/base/database.ts';
import { retryDelayMs } from '../../src/syncs/retry.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, runOnce, statusOf } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

let upstream: Upstream;
let platform: Platform;
let status = 503;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/moody', (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1');
});

const tries = (name: string) =>
  many<{ inSeconds: number }>(
    platform.world.db,
    sql`select extract(epoch from run_at - now())::int as in_seconds from graphile_worker.jobs
         where task_identifier = 'sync-retry' and key = 'sync-retry:' || (select id from syncs where name = ${name})`,
  );
const hurry = () =>
  run(
    platform.world.db,
    sql`select graphile_worker.reschedule_jobs(array_agg(id), run_at => now()) from graphile_worker.jobs where task_identifier = 'sync-retry'`,
  );
const failures = async (name: string) =>
  (await only<{ failures: number }>(platform.world.db, sql`select failures from syncs where name = ${name}`)).failures;

async function failing(name: string, exec: string): Promise<void> {
  await deploy(platform, [{ name, exec, runs: 'every hour' }]);
  await eventually(async () => (await statusOf(platform, 'c-1', name))?.latestExecutionStatus === 'STOPPED', 'its first run has failed');
}

test('the pauses grow from half a minute to sixteen, and then there is none', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(retryDelayMs)).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 960_000, undefined]);
});

test('a failure of the provider that may pass is tried again, later each time, and a success ends it', async () => {
  await failing('moody', `await nango.get({ endpoint: '/moody' })`);
  const before = (await statusOf(platform, 'c-1', 'moody')).nextScheduledSyncAt;
  expect(await failures('moody')).toBe(1);
  const [first] = await tries('moody');
  expect(first?.inSeconds).toBeGreaterThan(0);
  expect(first?.inSeconds).toBeLessThanOrEqual(30);
  await hurry();
  await eventually(async () => (await failures('moody')) === 2, 'it was tried again');
  const [second] = await tries('moody');
  expect(second?.inSeconds).toBeGreaterThan(30);
  status = 200;
  await hurry();
  await eventually(async () => (await statusOf(platform, 'c-1', 'moody')).latestExecutionStatus === 'SUCCESS', 'it was tried once more');
  expect(await failures('moody')).toBe(0);
  expect(await tries('moody')).toEqual([]);
  expect((await statusOf(platform, 'c-1', 'moody')).nextScheduledSyncAt, 'its schedule is as it was').toBe(before);
});

test('a mistake of the function is not tried again', async () => {
  await failing('wrong', `throw new Error('a mistake')`);
  expect(await tries('wrong')).toEqual([]);
});

test('a run by hand makes the try needless', async () => {
  status = 503;
  await failing('helped', `await nango.get({ endpoint: '/moody' })`);
  status = 200;
  await runOnce(platform, 'c-1', 'helped');
  const asked = upstream.received('/moody').length;
  await hurry();
  await eventually(async () => (await tries('helped')).length === 0, 'the job is done');
  expect(upstream.received('/moody').length).toBe(asked);
});
