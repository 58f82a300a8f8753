/**
 * Four processes on one Postgres server, a provider with bad days, readers that follow every change, an app that takes webhooks; and processes are
 * killed, frozen, stopped and cut off, the database restarted, at random moments. In the end everything is as if nothing had happened.
 * KILL_SEED asks for the same choices again, KILL_COUNT for more kills (1,000 in the long run).
 */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { findServer, startServer } from '../../packages/server/test/postgres-server.ts';
import { ask, openCluster, PASSWORD } from '../cluster.ts';
import { until } from '../platform.ts';
import { closeAfterwards, json, startUpstream, writeProvider } from '../upstream.ts';
import { startProvider } from './chaos.ts';
import { flowConfigs, syncs } from './functions.ts';
import { startKilling } from './kills.ts';
import { seeded } from './random.ts';
import { startReader } from './readers.ts';
import { startWire } from './wire.ts';

const KILLS = Number(process.env.KILL_COUNT ?? 200);
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const connections = ['c-1', 'c-2', 'c-3', 'c-4'];
/** Each role twice at least, so that one that dies leaves another. */
const roles = ['all', 'api,worker', 'worker,scheduler', 'all'];
const INTEGRATION = 'chaos';

test.runIf(findServer())(
  `${KILLS} kills of four processes leave everything right (seed ${SEED})`,
  { timeout: 120_000 + KILLS * 6_000 },
  async () => {
    console.log(`KILL_SEED=${SEED}`);
    const random = seeded(SEED);
    const folder = mkdtempSync(join(tmpdir(), 'bowline-kills-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const server = await startServer({ max_connections: '300' });
    if (!server) return;
    closeAfterwards(server);
    const wire = closeAfterwards(await startWire(server.port));
    const provider = closeAfterwards(await startProvider(random, connections));
    const heard = new Set<string>();
    const sink = closeAfterwards(
      await startUpstream(({ headers }, response) => {
        if (!provider.weather.isCalm && random.chance(0.03)) return json(response, 500, {});
        heard.add(String(headers['webhook-id']));
        json(response, 200, {});
      }),
    );
    const cluster = openCluster({
      databaseUrl: `postgres://bowline@127.0.0.1:${wire.port}/bowline`,
      providers: [writeProvider(folder, provider.url, INTEGRATION)],
      allow: [provider.host, sink.host],
      env: { BOWLINE_KEEP_ALIVE: '0', BOWLINE_LOG_LEVEL: 'warn', BOWLINE_SHUTDOWN_SECONDS: '5' },
    });
    onTestFinished(() => cluster.close());
    const killing = startKilling({ cluster, wire, server, random, roles, work: () => provider.weather.requests });
    const somewhere = () => random.pick(killing.alive().filter(({ role }) => role !== 'worker,scheduler'));

    const first = await until('a process serves', somewhere, 60_000);
    await prepare(first, sink.url);
    const readers = connections.flatMap((connection) =>
      syncs.map(({ model }) => startReader({ connection, model, from: () => somewhere()?.url })),
    );
    let isOver = false;
    /** The app asks for runs all the time; now and then it has one begin anew, which cancels the one that is under way. */
    const trigger = async (connection: string, name: string, reset: boolean) => {
      const at = somewhere();
      const body = { provider_config_key: INTEGRATION, connection_id: connection, syncs: [name], opts: { reset } };
      if (at) await ask(at, 'POST', '/sync/trigger', body).catch(() => {});
    };
    const triggering = (async () => {
      while (!isOver) {
        await Promise.all([trigger(random.pick(connections) ?? '', random.pick(syncs)?.name ?? '', random.chance(0.03)), sleep(120)]);
      }
    })();

    while (killing.counts.killed < KILLS) await killing.strike();
    await killing.rest();
    provider.calm();
    console.log(
      JSON.stringify({
        ...killing.counts,
        provider: provider.weather,
        read: readers.reduce((sum, one) => sum + one.count(), 0),
      }),
    );
    await until('all four processes run again', () => killing.alive().length === roles.length, 60_000);
    isOver = true;
    await triggering;

    const database = new Client({ connectionString: server.url });
    await database.connect();
    onTestFinished(() => database.end());
    const calmAt = (await database.query<{ now: Date }>('select now()')).rows[0]?.now;
    // Twice: the first may go on from a checkpoint of worse days.
    for (const round of [1, 2])
      for (const connection of connections)
        for (const { name } of syncs)
          await until(
            `sync ${name} of ${connection} is not stuck (round ${round}, seed ${SEED})`,
            async () => {
              await trigger(connection, name, false);
              await sleep(100);
              const { rows } = await database.query(
                `select runs.id from runs join syncs on syncs.id = runs.sync_id join connections on connections.id = syncs.connection_id
                where syncs.name = $1 and connections.connection_id = $2 and runs.state = 'success' and runs.created_at > $3`,
                [name, connection, calmAt],
              );
              return rows.length >= round;
            },
            60_000,
          );
    const about = `seed ${SEED}`;
    const { rows: taken } = await database.query<{ count: number }>('select count(*)::int from runs where attempts > 1');
    console.log(`${taken[0]?.count} runs were taken over by another process`);
    expect(taken[0]?.count, 'kills in the middle of a run').toBeGreaterThan(KILLS / 20);
    await ask(await until('a process serves', somewhere), 'POST', '/sync/pause', { provider_config_key: INTEGRATION, syncs: [] });
    for (const reader of readers) await reader.finish();
    for (const { connection, model, live, wrong } of readers) {
      // From the beginning, as who never read before: what is stored, whatever the cursors of others say.
      const anew = startReader({ connection, model, from: () => somewhere()?.url });
      await anew.finish();
      expect(anew.live, `${model} of ${connection} as stored, ${about}`).toEqual(provider.truth(connection));
      expect(live, `${model} of ${connection} as read, ${about}`).toEqual(provider.truth(connection));
      expect(wrong, about).toEqual([]);
    }
    await until(
      'every event has been told',
      async () => (await database.query(`select from events where not 'webhooks' = any(heard) and type like 'sync.%'`)).rowCount === 0,
      60_000,
    );
    await until(
      'every delivery has arrived',
      async () => {
        // What failed is due by and by; so that nobody waits for it here, it is due now.
        await database.query(`update webhook_deliveries set next_at = now() where state = 'pending' and next_at > now()`);
        await database.query(`update webhook_endpoints set rest_until = null where rest_until > now()`);
        return (await database.query(`select from webhook_deliveries where state = 'pending'`)).rowCount === 0;
      },
      60_000,
    );
    const { rows: deliveries } = await database.query<{ id: string; state: string }>('select id, state from webhook_deliveries');
    expect(
      deliveries.filter(({ state }) => state !== 'delivered'),
      about,
    ).toEqual([]);
    expect(
      deliveries.filter(({ id }) => ![...heard].some((one) => one.includes(id))),
      about,
    ).toEqual([]);
    expect(deliveries.length).toBeGreaterThan(connections.length * syncs.length);
    expect((await database.query(`select from runs where state in ('queued', 'running')`)).rowCount, `runs left, ${about}`).toBe(0);
    expect((await database.query('select from syncs where active_run is not null')).rowCount, `syncs held, ${about}`).toBe(0);
    expect(await killing.end(), 'all stop in good order').toEqual(roles.map(() => 0));
    expect((await database.query('select from instances')).rowCount, 'nobody is said to take jobs').toBe(0);
    expect(sandboxesIn(cluster.temporary), 'sandbox processes left').toEqual([]);
  },
);

async function prepare(at: { url: string }, sinkUrl: string): Promise<void> {
  const done = async (method: string, path: string, body: unknown) => {
    const answer = await ask(at, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  await done('POST', '/integrations', { provider: INTEGRATION, unique_key: INTEGRATION });
  await done('POST', '/sync/deploy', { flowConfigs, nangoYamlBody: '', reconcile: false, debug: false });
  const session = await fetch(`${at.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@localhost', password: PASSWORD }),
  });
  const changed = await fetch(`${at.url}/api/environment`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/json',
      cookie: (session.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
      'x-bowline-environment': 'dev',
    },
    body: JSON.stringify({ webhooks: { primary_url: sinkUrl, on_sync_completion_always: true, on_sync_error: true } }),
  });
  if (changed.status !== 200) throw new Error(`the webhooks could not be set: ${changed.status} ${await changed.text()}`);
  for (const connection_id of connections)
    await done('POST', '/connections', { provider_config_key: INTEGRATION, connection_id, credentials: { type: 'API_KEY', apiKey: 'k' } });
}

/** Processes that work in a folder below this one: those of the cluster's sandboxes do, whoever their parent is by now. */
function sandboxesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false; // gone, or not ours to look at
      }
    });
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
