/** Webhooks of providers while workers are killed and the database is restarted: each that was acknowledged has its function run once for its connection. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findServer, type Server, startServer } from '../packages/server/test/postgres-server.ts';
import { ask, type Cluster, type Member, openCluster } from './cluster.ts';
import { until } from './platform.ts';

const EVENTS = Number(process.env.WEBHOOKS ?? 400);
const PATIENCE_MS = 300_000 + EVENTS * 200;
const AT_ONCE = 20;
const CONNECTIONS = 4;
const SECRET = 'webhook secret';

let server: Server | undefined;
let cluster: Cluster;
let door: Member;

beforeAll(async () => {
  server = await startServer();
  cluster = openCluster({ databaseUrl: server?.url ?? '', env: { BOWLINE_WEBHOOK_LIMIT_PER_MINUTE: '0' } });
  door = await cluster.start('api,scheduler', { isQuick: true });
}, 120_000);
afterAll(async () => {
  await cluster?.close();
  await server?.stop();
});

const js = `const { createSync } = require('bowline');
exports.default = createSync({ exec: async () => {}, onWebhook: async (nango, { n }) => {
  await nango.batchSave([{ id: String(n), n }], 'Item');
} });`;

test.runIf(findServer())(
  'none is lost and none is run twice while workers die and the database restarts',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const app = { type: 'OAUTH2', client_id: 'id', client_secret: 'x', webhook_secret: SECRET };
    await ask(door, 'POST', '/integrations', { unique_key: 'hooked', provider: 'github', credentials: app });
    const credentials = { type: 'OAUTH2', access_token: 't' };
    for (let n = 0; n < CONNECTIONS; n++)
      await ask(door, 'POST', '/connections', { provider_config_key: 'hooked', connection_id: `c${n}`, credentials });
    const flow = { type: 'sync', syncName: 'items', providerConfigKey: 'hooked', models: ['Item'], runs: 'every day', auto_start: false };
    const flowConfigs = [{ ...flow, webhookSubscriptions: ['*'], fileBody: { js, ts: js } }];
    const deployed = await ask(door, 'POST', '/sync/deploy', { flowConfigs, reconcile: true, debug: false, nangoYamlBody: '' });
    expect(deployed.status).toBe(200);
    const { webhook_url } = (await ask(door, 'GET', '/integrations/hooked?include=webhook')).body.data;
    const path = new URL(webhook_url).pathname;

    const workers: Member[] = [await cluster.start('worker', { isQuick: true }), await cluster.start('worker', { isQuick: true })];
    let sent = 0;
    let acknowledged = 0;
    /** As a provider does: until it is acknowledged, under one name. */
    const deliver = async (n: number): Promise<void> => {
      const body = JSON.stringify({ n });
      const signature = createHmac('sha256', SECRET).update(body).digest('hex');
      const headers = { 'x-github-event': 'push', 'x-github-delivery': `delivery-${n}`, 'x-hub-signature-256': `sha256=${signature}` };
      for (;;) {
        const response = await fetch(`${door.url}${path}?nangoConnectionId=c${n % CONNECTIONS}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        }).catch(() => undefined);
        if (response?.status === 200) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      acknowledged += 1;
    };
    const sending = Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (sent < EVENTS) await deliver(sent++);
      }),
    );
    const turn = async (part: number, what: () => Promise<void>) => {
      await until(`${part} of the events came`, () => acknowledged >= EVENTS * part, PATIENCE_MS);
      await what();
    };
    const killOne = async () => {
      const [victim] = workers.splice(0, 1);
      victim?.child.kill('SIGKILL');
      workers.push(await cluster.start('worker', { isQuick: true }));
    };
    await turn(0.2, killOne);
    await turn(0.4, async () => server?.restart('SIGQUIT'));
    await turn(0.6, killOne);
    await turn(0.8, async () => server?.restart('SIGINT'));
    await sending;
    await killOne();

    const idsOf = async (connection: string): Promise<string[]> => {
      const ids: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const query = `/records?model=Item&limit=1000${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
        const { body } = await ask(door, 'GET', query, undefined, { 'provider-config-key': 'hooked', 'connection-id': connection });
        ids.push(...(body.records ?? []).map(({ id }: { id: string }) => id));
        if (!body.next_cursor) return ids;
        cursor = body.next_cursor;
      }
    };
    const all = async () => (await Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => idsOf(`c${n}`)))).map((ids) => ids.length);
    await until('every event is a record', async () => (await all()).reduce((sum, one) => sum + one, 0) === EVENTS, PATIENCE_MS);
    const runs = await runsOf();
    // One that was cut short has more attempts, and is one run; what came again since its answer was lost is the same event.
    expect(runs).toEqual({ webhooks: EVENTS, succeeded: EVENTS, failed: 0, open: 0 });
  },
);

async function runsOf(): Promise<{ webhooks: number; succeeded: number; failed: number; open: number }> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: server?.url });
  await client.connect();
  try {
    const look = () =>
      client.query(`select (select count(*)::int from incoming_webhooks) as webhooks,
        (select count(*)::int from runs where kind = 'webhook' and state = 'success') as succeeded,
        (select count(*)::int from runs where kind = 'webhook' and state in ('failed', 'cancelled')) as failed,
        (select count(*)::int from runs where kind = 'webhook' and state in ('queued', 'running')) + (select count(*)::int from incoming_webhooks where state = 'stored') as open`);
    let rows = (await look()).rows;
    for (let turns = 0; rows[0].open > 0 && turns < 600; turns++) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      rows = (await look()).rows;
    }
    return rows[0];
  } finally {
    await client.end();
  }
}
