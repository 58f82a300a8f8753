/** `npm start`, as a process: it plays the demo once, stops without a trace, keeps everything, and shares its folder with nobody. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npmStart, type Started } from './npm-start.ts';
import { dropHome, makeHome, until } from './platform.ts';
import { descendants, isAlive, postmaster } from './processes.ts';

let place: { home: string; port: number };
const started: Started[] = [];

beforeAll(async () => {
  place = await makeHome();
});

afterAll(() => {
  for (const { child } of started) if (child.exitCode === null) child.kill('SIGKILL');
  for (const pid of postmaster(place.home)) process.kill(pid, 'SIGKILL');
  dropHome(place);
});

function start(): Started {
  const running = npmStart(place);
  started.push(running);
  return running;
}

const contents = async (running: Started) => {
  const { connections } = await running.api.connections.list({ query: {} });
  const [connection] = connections;
  const headers = { 'connection-id': connection?.connection_id ?? '', 'provider-config-key': 'github' };
  const { records } = await running.api.records.list({ headers, query: { model: 'Issue', limit: 1000 } });
  return { connections: connections.map(({ connection_id }) => connection_id), records };
};

/** In order: one data folder, used by one start after the other. */
describe('npm start', { timeout: 120_000 }, () => {
  let first: Started;
  let kept: Awaited<ReturnType<typeof contents>>;

  test('plays the demo on an empty folder and ends with what one needs to know', async () => {
    first = start();
    await first.ready();
    expect(first.output()).toContain('✓ proxy read it back');
    expect(first.output()).not.toContain('✗');
    expect(first.output()).toMatch(/Sign in +admin@localhost +\S{8,}/);
    expect(first.output()).toMatch(/Webhook signing key +\S{36}/);
    kept = await contents(first);
    expect(kept.connections).toHaveLength(1);
    expect(kept.records).toHaveLength(151); // what the action created is synced by the next run
  });

  test('a second start on the same folder says who is there, and harms nothing', async () => {
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(
      `Bowline is already running on ${place.home} (process ${first.child.pid}, http://localhost:${place.port})`,
    );
    expect(await contents(first)).toEqual(kept);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops everything, and the next start has all of it and plays no second demo',
    async (signal) => {
      const tree = [...new Set([...descendants(first.child.pid ?? 0), ...postmaster(place.home)])];
      expect(tree.length).toBeGreaterThan(3);
      first.child.kill(signal);
      expect(await first.ended).toBe(0);
      expect(first.output()).toMatch(/stopped/);
      expect(tree.filter(isAlive)).toEqual([]);
      first = start();
      await first.ready();
      expect(first.output()).not.toContain('✓');
      const again = await contents(first);
      expect(again.connections).toEqual(kept.connections);
      const ids = new Map(again.records.map((record) => [record.id, record]));
      for (const record of kept.records) expect(ids.get(record.id)).toEqual(record);
    },
  );

  test('the upstream is as it was, too: a run after the restarts finds nothing changed but what the action made', async () => {
    const { api } = first;
    const of = { provider_config_key: 'github', connection_id: kept.connections[0] ?? '' };
    const status = async () => (await api.syncs.status({ query: { syncs: 'issues,labels', ...of } })).syncs;
    const before = await status();
    await api.syncs.trigger({ query: {}, headers: {}, body: { syncs: ['issues', 'labels'], ...of, opts: { reset: true } } });
    const after = await until('both syncs end', async () => {
      const now = await status();
      const isOver = now.every(({ finishedAt, name }) => finishedAt && finishedAt !== before.find((one) => one.name === name)?.finishedAt);
      return isOver && now;
    });
    const added = (await contents(first)).records.length - 151;
    expect(added).toBeLessThanOrEqual(1); // or a scheduled run was faster
    for (const { latestResult, latestExecutionStatus } of after) {
      expect(latestExecutionStatus).toBe('SUCCESS');
      for (const counts of Object.values(latestResult ?? {})) expect(counts).toMatchObject({ updated: 0, deleted: 0 });
    }
  });

  test('kill -9 leaves nothing of the demo running, and the next start takes over', async () => {
    const tree = descendants(first.child.pid ?? 0).filter((pid) => !postmaster(place.home).includes(pid));
    first.child.kill('SIGKILL');
    await first.ended;
    await until('emulator and sandboxes are gone', () => tree.every((pid) => !isAlive(pid)));
    first = start();
    await first.ready();
    expect((await contents(first)).connections).toEqual(kept.connections);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });
});
