/** A beat that was missed can be seen: in the status, in the dashboard, in the activity log and in the metrics. */
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, settled, statusOf } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let idle: Platform;
const token = 'a-token-of-the-operator';

beforeAll(async () => {
  platform = await startPlatform({ env: { BOWLINE_METRICS_TOKEN: token } });
  await createIntegrations(platform);
  await deploy(platform, [{ name: 'items' }]);
  await importConnection(platform, 'c-1');
  await settled(platform, 'c-1', 'items');
  await platform.stop();
  idle = await startPlatform({ database: platform.database, worker: false, env: { BOWLINE_METRICS_TOKEN: token } });
});

test('while nobody runs it: since when it waits, and that no process takes it', async () => {
  await run(idle.world.db, sql`update syncs set next_run_at = now() - interval '5 hours 10 minutes'`);
  const { lateness } = await statusOf(idle, 'c-1', 'items');
  expect(Date.now() - Date.parse(lateness.waitingSince)).toBeGreaterThan(5 * 3_600_000);
  const member = await idle.member();
  const [sync] = (await member('GET', '/api/syncs')).body.syncs;
  expect(lateness.waitingFor).toBe('machine');
  expect([sync.waiting_since, sync.waiting_for]).toEqual([lateness.waitingSince, 'machine']);
  expect((await member('GET', '/api/overview')).body).toMatchObject({ syncs_waiting: 1, syncs_waiting_since: lateness.waitingSince });
});

test('the metrics say how long each class of work waits, to whoever has the token; its age, and no number, any key may ask', async () => {
  const scrape = (authorization: string) => idle.call('GET', '/metrics', undefined, { authorization });
  expect((await scrape('Bearer wrong')).status).toBe(401);
  const { status, body } = await scrape(`Bearer ${token}`);
  expect(status).toBe(200);
  const value = (name: string) => Number(String(body).match(new RegExp(`^${name} ([0-9.]+)$`, 'm'))?.[1]);
  expect(value('bowline_queue_waiting{class="incremental"}')).toBe(1);
  expect(value('bowline_queue_age_seconds{class="incremental"}')).toBeGreaterThan(5 * 3600);
  for (const name of ['action', 'webhook', 'backfill', 'other']) expect(value(`bowline_queue_waiting{class="${name}"}`)).toBe(0);
  expect(value('bowline_sync_slots')).toBe(0);
  expect(body).not.toContain('c-1');
  const { data } = (await idle.call('GET', '/processes/queue')).body;
  const ages = Object.fromEntries(data.map((one: { class: string; age_ms: number | null }) => [one.class, one.age_ms]));
  expect(ages).toEqual({ action: null, webhook: null, incremental: expect.any(Number), backfill: null, other: null });
  expect(ages.incremental).toBeGreaterThan(5 * 3_600_000);
});

test('and when it runs again: when it was due, how late it is, how many turns it makes up for, once', async () => {
  const again = await startPlatform({ database: platform.database });
  const status = await eventually(async () => {
    const found = await statusOf(again, 'c-1', 'items');
    return found.lateness.missed === 5 && found.status === 'SUCCESS' ? found : undefined;
  }, 'it caught up');
  expect(status.lateness).toMatchObject({ missed: 5, waitingSince: null, waitingFor: null });
  expect(status.lateness.lateByMs).toBe(Date.parse(status.lateness.startedAt) - Date.parse(status.lateness.dueAt));
  expect(status.lateness.lateByMs).toBeGreaterThan(5 * 3_600_000);
  expect(await many(again.world.db, sql`select id from runs where kind = 'sync'`)).toHaveLength(2);
  const lines = await eventually(async () => {
    const found = await many<{ message: string }>(again.world.db, sql`select message from operation_messages where level = 'warn'`);
    return found.length > 0 && found;
  }, 'the line is in the activity log');
  expect(lines.map(({ message }) => message).join()).toMatch(
    /was due at .* and began 18\d\d\d s late; 5 more turns of its schedule passed without a run/,
  );
});
