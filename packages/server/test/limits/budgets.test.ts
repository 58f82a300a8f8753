import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { metricsText } from '../../src/health/metrics.ts';
import type { Report } from '../../src/limits/budget.ts';
import type { BudgetSpec } from '../../src/limits/budget-name.ts';
import { shareBudgets } from '../../src/limits/budget-row.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, runOnce } from '../functions.ts';
import { eventually, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';
import { fixedWindow } from './provider-limits.ts';

let upstream: Upstream;
let one: Platform;
let two: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  const allow = [`127.0.0.1:${upstream.port}`];
  one = await startPlatform({ allow });
  two = await startPlatform({ allow, database: one.database, worker: false });
  await createIntegrations(one, upstream.url);
});

let connections = 0;
/** Its rate limit is nobody else's. */
async function fresh(): Promise<string> {
  const id = `limited-${connections++}`;
  await importConnection(one, id, { credentials: { type: 'API_KEY', apiKey: `key of ${id}` } });
  return id;
}

type Called = { status: number; retryAfter: string | null; body: { error?: { code: string } } };
async function call(
  at: Platform,
  connection: string,
  path: string,
  more: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Called> {
  const response = await fetch(`${at.url}/proxy${path}`, {
    headers: { authorization: `Bearer ${one.apiKey}`, 'connection-id': connection, 'provider-config-key': 'key', ...more.headers },
    ...(more.signal ? { signal: more.signal } : {}),
  });
  const text = await response.text();
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: text.startsWith('{') ? JSON.parse(text) : {} };
}

/** Both processes know of a refusal once its news went round: a request that is sent before may be refused, too. */
function heardByBoth(): Promise<unknown> {
  return Promise.all(
    [one, two].map(
      ({ world }) =>
        new Promise<void>((resolve) => {
          const stop = world.bus.subscribe('rate-budget', () => {
            stop();
            resolve();
          });
        }),
    ),
  );
}

test('what one process was told to wait, the others wait too, and one request goes first', async () => {
  const connection = await fresh();
  const arrived: number[] = [];
  const answers: (() => void)[] = [];
  let refusedAt = 0;
  upstream.on('/wait', (request, response) => {
    if (request.index === 0) {
      refusedAt = Date.now();
      response.writeHead(429, { 'retry-after': '2' }).end();
      return;
    }
    arrived.push(Date.now());
    answers.push(() => json(response, {}));
  });
  const heard = heardByBoth();
  expect((await call(one, connection, '/wait')).status).toBe(429);
  await heard;
  const calls = [one, two, one, two, two].map((platform) => call(platform, connection, '/wait'));
  await eventually(async () => answers.length > 0, 'a request was sent after the wait');
  expect((arrived[0] ?? 0) - refusedAt).toBeGreaterThanOrEqual(2_000);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(arrived).toHaveLength(1); // the others wait for its answer
  answers[0]?.();
  await eventually(async () => answers.length === 5, 'the others follow');
  for (const answer of answers.slice(1)) answer();
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test('a wait that is longer than a call may take is refused at once, by every process, and says until when', async () => {
  const connection = await fresh();
  upstream.on('/long', (_request, response) => response.writeHead(429, { 'retry-after': '120' }).end());
  const heard = heardByBoth();
  await call(one, connection, '/long');
  await heard;
  for (const platform of [one, two]) {
    const refused = await call(platform, connection, '/long');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'provider_rate_limited' } } });
    expect(Number(refused.retryAfter)).toBeGreaterThan(100);
  }
  expect(upstream.received('/long')).toHaveLength(1);
  expect((await call(two, await fresh(), '/long')).body.error).toBeUndefined(); // another connection's limit is its own
});

test('a caller that gives up while it waits has nothing sent', async () => {
  const connection = await fresh();
  upstream.on('/given-up', (_request, response) => response.writeHead(429, { 'retry-after': '60' }).end());
  await call(one, connection, '/given-up');
  const abort = new AbortController();
  const waiting = call(one, connection, '/given-up', { headers: { retries: '3' }, signal: abort.signal });
  await new Promise((resolve) => setTimeout(resolve, 200));
  abort.abort();
  await expect(waiting).rejects.toThrow();
  expect(upstream.received('/given-up')).toHaveLength(1);
});

test('two processes share what the provider allows, and hardly exceed it', async () => {
  const connection = await fresh();
  const limiter = fixedWindow({ limit: 60, lengthMs: 2_000, tells: 'headers' });
  upstream.on('/shared', (_request, response) => {
    const { ok, headers } = limiter.take(Date.now());
    response.writeHead(ok ? 200 : 429, headers).end('{}');
  });
  const keepCalling = async (platform: Platform) => {
    while (limiter.counts.accepted < 150) await call(platform, connection, '/shared', { headers: { retries: '5' } });
  };
  await Promise.all([one, two].flatMap((platform) => Array.from({ length: 5 }, () => keepCalling(platform))));
  const { accepted, refused } = limiter.counts;
  expect(refused / (accepted + refused)).toBeLessThan(0.05);
});

test('a sync waits in the budget of the proxy, says so in its log, and who spent it is told', async () => {
  const connection = await fresh();
  upstream.on('/mixed', (request, response) => {
    // Long enough that the run begins meanwhile, however slow the machine is.
    if (request.index === 1) response.writeHead(429, { 'retry-after': '8' }).end();
    else json(response, {});
  });
  await deploy(one, [{ name: 'spender', autoStart: false, exec: `await nango.get({ endpoint: '/mixed', retries: 1 });` }]);
  await call(one, connection, '/mixed');
  const heard = heardByBoth();
  await call(two, connection, '/mixed');
  await heard;
  await runOnce(one, connection, 'spender');
  expect(upstream.received('/mixed')).toHaveLength(3);
  await one.world.journal.flush();
  const { rows } = await sql<{
    message: string;
  }>`select message from operation_messages where message like 'Waits for the rate limit%'`.execute(one.world.db);
  expect(rows.length).toBeGreaterThan(0);
  const asMember = await one.member();
  const spent = await eventually(async () => {
    const { body } = await asMember('GET', `/api/integrations/key/rate-limits?connection_id=${connection}`);
    const [mine] = body.connections;
    return mine?.proxy === 2 && mine.sync === 1 ? body : undefined;
  }, 'the counts of both processes are stored');
  expect(spent.connections[0]).toMatchObject({ connection_id: connection, refused: 1 });
  expect(spent.slots).toHaveLength(48);
  const metrics = await metricsText(one.world.db, new Date());
  expect(metrics).toMatch(/^bowline_provider_requests\{class="sync"\} [1-9]/m);
  expect(metrics).toMatch(/^bowline_provider_refused\{class="proxy"\} [1-9]/m);
  expect(metrics).toMatch(/^bowline_provider_waited_seconds\{class="sync"\} [\d.]*[1-9]/m);
  expect(metrics).toMatch(/^bowline_provider_limits_held [1-9]/m); // of a test before
  expect(spent.limits).toMatchObject([{ connection_id: connection, of: 'connection', held_until: null }]);
});

test('what a killed process had leased returns', async () => {
  const spec: BudgetSpec = { environmentId: 1, integrationId: 999, connectionId: null, part: '' };
  let movedMs = 0;
  const clock = { now: () => new Date(1_800_000_000_000 + movedMs) };
  const share = shareBudgets({ ...one.world, clock });
  const at = clock.now().getTime();
  const report: Report = { by: 'dead', inHand: 0, unused: 0, inFlight: 0, answered: 0, answeredSentAt: 0 };
  const seen = { limit: 10, remaining: 10, endsAt: at + 60_000, lengthMs: 60_000, sentAt: at, at };
  const ask = { interactive: 10, background: 0 };
  expect((await share.exchange(spec, { report: { ...report, seen }, ask: { ...ask, interactive: 8 } })).interactive).toBe(8);
  expect((await share.exchange(spec, { report: { ...report, by: 'alive' }, ask })).interactive).toBe(2);
  movedMs = 3_000; // the two were sent and answered
  await share.exchange(spec, { report: { ...report, by: 'alive' }, ask: { interactive: 0, background: 0 } });
  movedMs = 6_000;
  expect((await share.exchange(spec, { report: { ...report, by: 'alive' }, ask })).interactive).toBe(8);
});
