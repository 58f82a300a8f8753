/**
 * What can go wrong in a function and at a provider: each time the reason is in the activity log, in the webhook and in the answer, what was
 * saved stays saved, and the platform goes on.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { deploy, dropHome, makeHome, type Platform, signIn, startPlatform, until } from './platform.ts';
import { isAlive } from './processes.ts';
import { json, startUpstream, type Upstream, writeProvider } from './upstream.ts';

const KEY = 'upstream';
const ID = 'customer-1';
let place: { home: string; port: number };
let platform: Platform;
let member: Awaited<ReturnType<typeof signIn>>;
let upstream: Upstream;
let sink: Upstream;
/** A call that the upstream never answers, begun first because the platform waits a minute for an answer. */
let hanging: Promise<Called>;

beforeAll(async () => {
  place = await makeHome();
  upstream = await startUpstream(({ path }, response) => {
    const before = upstream.seen.filter((one) => one.path === path).length - 1;
    if (path === '/hangs') return;
    if (path === '/half')
      return void response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        .write('{"a":', () => response.destroy());
    if (path === '/busy' && before === 0) return json(response, 429, { message: 'slow down' }, { 'retry-after': '1' });
    if (path === '/shaky' && before === 0) return json(response, 500, { message: 'oops' });
    if (path === '/unauthorized') return json(response, 401, { message: 'who are you?' });
    if (path === '/always-500') return json(response, 500, { message: 'still broken' });
    if (path === '/not-json') return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    json(response, 200, { fine: true });
  });
  sink = await startUpstream((_seen, response) => json(response, 200, {}));
  platform = await startPlatform({
    ...place,
    providers: [writeProvider(join(place.home, '..'), upstream.url)],
    allow: [upstream.host, sink.host],
  });
  member = await signIn(platform);
  await member.updateEnvironment({ query: {}, body: { webhooks: { primary_url: sink.url, on_sync_error: true } } });
  await platform.nango.createIntegration({ provider: KEY, unique_key: KEY });
  deploy(platform);
  const body = { provider_config_key: KEY, connection_id: ID, credentials: { type: 'API_KEY', apiKey: 'a-secret-key-of-the-customer' } };
  await platform.fetch('/connections', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  hanging = call('request', { path: '/hangs', retries: 0 });
  hanging.catch(() => {}); // looked at by its own test
  await until('the syncs of the connection are there', async () => (await status('*')) !== undefined);
});

afterAll(async () => {
  await platform?.stop();
  await Promise.all([upstream?.stop(), sink?.stop()]);
  dropHome(place);
});

/** Whatever a test did, the platform is there and does its work. */
afterEach(async () => {
  expect(isAlive(platform.pid)).toBe(true);
  expect(await platform.nango.triggerAction(KEY, ID, 'echo', { text: 'still here' })).toEqual({ text: 'still here', connection: ID });
});

type Called = { status: number; body: { error: { code: string; payload: unknown } } };
async function call(action_name: string, input: object): Promise<Called> {
  const response = await platform.fetch('/action/trigger', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'connection-id': ID, 'provider-config-key': KEY },
    body: JSON.stringify({ action_name, input }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

/** The newest operation of a function with its messages, once it is closed: the log is written a moment after the answer. */
function latest(name: string, error = '') {
  return until(`the operation of ${name}`, async () => {
    const { operations } = await platform.api.logs.operations({ query: { limit: 200 } });
    const operation = operations.find((one) => one.function === name && one.type !== 'webhook');
    if (!operation || operation.state === 'running') return undefined;
    const whole = await platform.api.logs.operation({ params: { id: operation.id }, query: {} });
    return JSON.stringify(whole).includes(error) ? whole : undefined;
  });
}
const status = async (sync: string) =>
  (await platform.api.syncs.status({ query: { syncs: sync, provider_config_key: KEY, connection_id: ID } })).syncs[0];
const recordIds = async (model: string) =>
  (await platform.nango.listRecords({ providerConfigKey: KEY, connectionId: ID, model })).records.map(({ id }) => id).sort();

/** Runs a sync until it ended badly. @returns what was said about it */
async function failing(sync: string) {
  const before = (await status(sync))?.finishedAt;
  const told = sink.seen.length;
  await platform.nango.triggerSync(KEY, [sync], ID);
  const ended = await until(`${sync} ends`, async () => {
    const one = await status(sync);
    return one?.finishedAt && one.finishedAt !== before ? one : undefined;
  });
  expect(ended.latestExecutionStatus).toBe('STOPPED');
  const webhook = await until('the failure webhook', () =>
    sink.seen
      .slice(told)
      .map(({ body }) => JSON.parse(body))
      .find((body) => body.type === 'sync' && body.syncName === sync),
  );
  expect(webhook).toMatchObject({
    success: false,
    connectionId: ID,
    providerConfigKey: KEY,
    error: { type: expect.any(String) },
    startedAt: expect.any(String),
    failedAt: expect.any(String),
  });
  const { operation } = await latest(sync);
  expect(operation).toMatchObject({ type: 'sync', state: 'failed' });
  return { description: String(webhook.error.description), error: operation.error ?? '' };
}

describe('a function that', () => {
  test('throws says so everywhere, and keeps what it saved', async () => {
    const { description, error } = await failing('throws');
    expect(description).toContain('the upstream changed its mind');
    expect(error).toContain('the upstream changed its mind');
    expect(await recordIds('Thrown')).toEqual(['0', '1', '2']);
    const { errors } = await platform.nango.getConnection(KEY, ID);
    expect(errors).toEqual(expect.arrayContaining([expect.objectContaining({ type: 'sync' })]));
  });

  test('saves a model it did not declare is told which ones it has', async () => {
    const { description } = await failing('undeclared');
    expect(description).toMatch(/Other/);
    expect(description).toMatch(/Declared/);
    expect(await recordIds('Declared')).toEqual(['0', '1', '2']);
    expect(await recordIds('Other')).toEqual([]);
  });

  test('allocates without end is ended alone, with a word about memory', async () => {
    const { description, error } = await failing('allocates');
    expect(description).toMatch(/memory/i);
    expect(error).toMatch(/memory/i);
    expect(await recordIds('Allocated')).toEqual(['0', '1', '2']);
  });

  test('loops forever holds up nobody, and ends when its sync is paused', async () => {
    await platform.nango.triggerSync(KEY, ['loops'], ID);
    await until('it runs and saved', async () => (await recordIds('Looped')).length === 3);
    expect((await status('loops'))?.status).toBe('RUNNING');
    expect(await call('echo', { text: 'meanwhile' })).toMatchObject({ status: 200, body: { text: 'meanwhile' } });
    await platform.nango.pauseSync(KEY, ['loops'], ID);
    await until('it has ended', async () => (await status('loops'))?.status === 'PAUSED');
    expect((await latest('loops')).operation.state).toBe('cancelled');
    expect(await recordIds('Looped')).toEqual(['0', '1', '2']);
  });

  test.each([
    ['throw', 500, 'cannot read the moon'],
    ['refuse', 500, 'not today'],
    ['allocate', 500, 'memory'],
    ['return 1 GB', 500, 'memory'],
    ['return 3 MB', 400, 'larger than'],
  ])('does "%s" in an action answers %i and says why', async (how, code, why) => {
    const { status, body } = await call('misbehaves', { how });
    expect({ status, body: JSON.stringify(body) }).toEqual({ status: code, body: expect.stringContaining(why) });
    const { operation, messages } = await latest('misbehaves', why);
    expect(operation).toMatchObject({ type: 'action', state: 'failed', error: expect.stringMatching(/.{10}/) });
    expect(messages.map(({ message }) => message)).toContain(`about to ${how}`);
  });
});

describe('a provider that', () => {
  const tries = (path: string) => upstream.seen.filter((one) => one.path === path);

  test('answers 429 with Retry-After is asked again after that long', async () => {
    expect(await call('request', { path: '/busy', retries: 2 })).toEqual({ status: 200, body: { fine: true } });
    const [first, second, ...rest] = tries('/busy');
    expect(rest).toEqual([]);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  test('answers 500 once is asked again', async () => {
    expect(await call('request', { path: '/shaky', retries: 1 })).toEqual({ status: 200, body: { fine: true } });
    expect(tries('/shaky')).toHaveLength(2);
  });

  test.each([
    ['/unauthorized', 401, 'who are you?'],
    ['/always-500', 500, 'still broken'],
  ])('answers %s with %i and goes on doing so fails the action with its own answer', async (path, code, message) => {
    const { status, body } = await call('request', { path, retries: 0 });
    expect(status).toBe(424);
    expect(body.error).toMatchObject({ code: 'script_http_error', upstream: { status: code, body: { message } } });
    const { operation, messages } = await latest('request', path);
    expect(operation).toMatchObject({ state: 'failed', error: expect.stringContaining(String(code)) });
    expect(messages.filter(({ kind }) => kind === 'http')).toHaveLength(tries(path).length);
    expect(JSON.stringify(messages)).not.toContain('a-secret-key-of-the-customer');
  });

  test('answers 401 in a sync fails it with the reason, and what was saved before stays', async () => {
    await platform.nango.setMetadata(KEY, ID, { path: '/unauthorized', retries: 0 });
    const { description, error } = await failing('asks');
    expect(description).toContain('401');
    expect(error).toContain('401');
    expect(await recordIds('Asked')).toEqual(['0', '1', '2']);
  });

  test.each(['/half', '/not-json'])(
    'sends a broken body (%s) fails the call with a reason instead of passing half of it on',
    async (path) => {
      const { status, body } = await call('request', { path, retries: 0 });
      if (path === '/not-json')
        expect({ status, body }).toEqual({ status: 200, body: '{"a":' }); // as text: it is whole, just not what its type says
      else {
        expect(status).toBe(500);
        expect(body.error.code).toBe('script_network_error');
        expect((await latest('request', path)).operation).toMatchObject({ state: 'failed', error: expect.any(String) });
      }
    },
  );

  test('hangs is given up', { timeout: 120_000 }, async () => {
    const { status, body } = await hanging;
    expect(status).toBe(500);
    expect(body.error.code).toBe('script_network_error');
  });

  test('breaks off in the middle of a proxied answer breaks off the answer, and is not taken for a whole one', async () => {
    const of = { headers: { 'connection-id': ID, 'provider-config-key': KEY } };
    const response = await platform.fetch('/proxy/half', of).catch(() => undefined);
    const body = response && (await response.text().catch(() => undefined));
    if (response?.status === 200) expect(body).toBeUndefined();
    else expect(response?.status ?? 502).toBeGreaterThanOrEqual(500);
  });

  test('is not there at all answers 502 through the proxy', async () => {
    const response = await platform.fetch('/proxy/x', {
      headers: { 'connection-id': ID, 'provider-config-key': KEY, 'base-url-override': 'http://127.0.0.1:9' },
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).toMatch(/base_url_override_not_allowed|upstream_unreachable/);
  });
});
