/** What is kept of runs, on the whole platform: which runs, what of them, for how long, and never a secret. */
import type { CaptureEntry } from '@bowline/api/captures';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { many, run } from '../../src/base/database.ts';
import { sweepCaptures } from '../../src/captures/retention.ts';
import { fittingRule, isDrawn } from '../../src/captures/wanted.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, runOnce, statusOf } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

const KEY = 'canary-key-7f3a91';
let upstream: Upstream;
let platform: Platform;

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`], env: { BOWLINE_CAPTURE_MB: '1' } });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { credentials: { type: 'API_KEY', apiKey: KEY }, metadata: { team: 'T1' } });
});

type Rule = { integration?: string | null; function?: string | null; mode: string; one_in?: number };
const capturing = async (...rules: Rule[]) => {
  const { status } = await platform.call('PUT', '/capture-settings', {
    rules: rules.map((rule) => ({ integration: null, function: null, ...rule })),
  });
  expect(status).toBe(200);
};

let count = 0;
/** Deploys an action and calls it once. @returns its name and what its caller got */
async function act(exec: string, input: Json = {}) {
  const name = `act-${++count}`;
  await deploy(platform, [{ type: 'action', name, exec }]);
  const headers = { authorization: `Bearer ${platform.apiKey}`, 'provider-config-key': 'key', 'connection-id': 'c-1' };
  return { name, answer: await platform.call('POST', '/action/trigger', { action_name: name, input }, headers) };
}

const captureOf = (name: string): Promise<Json> =>
  eventually(async () => {
    const { body } = await platform.call('GET', '/captures?limit=100');
    return body.data.find((one: Json) => one.function === name && one.ended_at !== null);
  }, `a run of ${name} was captured`);

async function entriesOf(name: string): Promise<CaptureEntry[]> {
  const { id } = await captureOf(name);
  const entries: CaptureEntry[] = [];
  for (let part: number | null = 0; part !== null; ) {
    const { body } = await platform.call('GET', `/captures/${id}?part=${part}`);
    entries.push(...body.entries);
    part = body.next_part;
  }
  return entries;
}

test('nothing is captured unless the environment says so', async () => {
  const { name, answer } = await act('return 1');
  expect([answer.status, answer.body]).toEqual([200, 1]);
  expect((await platform.call('GET', '/capture-settings')).body).toEqual({ data: { keep_days: 7, rules: [] } });
  expect((await platform.call('GET', '/captures')).body.data.map((one: Json) => one.function)).not.toContain(name);
});

test('a captured run holds what the function asked and was answered, in order, and the code that ran', async () => {
  await capturing({ mode: 'all' });
  upstream.on('/items', (_request, response) => json(response, { items: [1, 2] }));
  const { name } = await act(
    `const { data } = await nango.get({ endpoint: '/items', params: { page: '1' } });
     await nango.log('read ' + data.items.length);
     await nango.post({ endpoint: '/nothing', data: { a: 1 } }).catch(() => {});
     return { sum: data.items[0] + data.items[1], team: (await nango.getMetadata()).team };`,
    { wanted: 'all' },
  );
  const capture = await captureOf(name);
  expect(capture).toMatchObject({ kind: 'action', integration: 'key', connection: 'c-1', state: 'whole', calls: 3 });
  const entries = await entriesOf(name);
  expect(entries.map((entry) => ('method' in entry ? entry.method : entry.entry))).toEqual([
    'start',
    'proxy',
    'log',
    'proxy',
    'connection.get',
    'end',
  ]);
  expect(entries[0]).toMatchObject({ run: { input: { wanted: 'all' } }, checkpoint: null, connection: { metadata: { team: 'T1' } } });
  expect(entries[1]).toMatchObject({
    n: 1,
    params: { endpoint: '/items', params: { page: '1' } },
    answer: { value: { status: 200 }, body: { text: '{"items":[1,2]}' } },
  });
  expect(entries[3]).toMatchObject({ n: 2, body: { text: '{"a":1}' }, answer: { value: { status: 404 } } });
  expect(entries.at(-1)).toMatchObject({ entry: 'end', error: null, output: { sum: 3, team: 'T1' } });
  const { body: code } = await platform.call('GET', `/captures/${capture.id}/code`);
  expect(code).toEqual({ js: expect.stringContaining("endpoint: '/items'"), hash: capture.code_hash });
  expect((await platform.call('GET', `/captures?run=${capture.operation_id}`)).body.data).toHaveLength(1);
  expect((await platform.call('DELETE', `/captures/${capture.id}`)).body).toEqual({ success: true });
  expect((await platform.call('GET', `/captures/${capture.id}`)).status).toBe(404);
});

test('no secret is kept, sealed or not: of the connection, of an answer, of a request, under whatever name it comes again', async () => {
  await capturing({ mode: 'all' });
  upstream.on('/secrets', (request, response) => {
    const body = {
      echoed: request.headers['x-key'],
      session: { access_token: 'canary-session-1' },
      password: 'canary2',
      keys: 'canary-api-3',
      xml: '<token>canary-xml-4</token>',
    };
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'sid=canary-cookie-5; HttpOnly' });
    response.end(JSON.stringify(body));
  });
  upstream.on('/text', (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/xml' }).end('<a><SessionToken>canary6</SessionToken><b>plain</b></a>'),
  );
  upstream.on('/login', (_request, response) => json(response, { ok: true }));
  const { name, answer } = await act(
    `const { data } = await nango.get({ endpoint: '/secrets' });
     const token = await nango.getToken();
     const { credentials } = await nango.getConnection();
     await nango.log('the key is ' + credentials.apiKey);
     await nango.get({ endpoint: '/text', headers: { 'x-api-key': data.keys } });
     await nango.uncontrolledFetch({ url: new URL('${'{upstream}'}/login?key=canary7&code=canary8&page=2'), method: 'POST', headers: { authorization: 'Bearer ' + data.session.access_token }, body: JSON.stringify({ innocent: data.session.access_token, client_secret: 'canary9' }) });
     await nango.post({ endpoint: '/login', data: 'grant=x&password=canary10&page=3', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
     return { kept: data.session.access_token, of: typeof token };`.replace('{upstream}', upstream.url),
    { user: 'u', password: 'canary11', nested: { token: { value: 'canary12' } } },
  );
  expect(answer.status).toBe(200);
  const entries = await entriesOf(name);
  const text = JSON.stringify(entries);
  expect(text).not.toMatch(/canary/);
  expect(text).not.toContain(Buffer.from(KEY).toString('base64'));
  // What replaces a secret in an answer is what goes out in the request made of it.
  const standIn = /redacted_access_?token_\d+/.exec(text)?.[0];
  const request = entries.find((entry) => entry.entry === 'call' && entry.method === 'fetch');
  expect(JSON.stringify(request)).toContain(`Bearer ${standIn}`);
  expect(JSON.stringify(request)).toContain(`\\"innocent\\":\\"${standIn}\\"`);
  expect(text).toContain('page=2');
  expect(text).toContain('<b>plain</b>');
  expect(entries.at(-1)).toMatchObject({ output: { kept: standIn } });
  // Nor is any in a table: the connection's own are sealed, what the action answered is kept nowhere.
  for (const { name: table } of await many<{ name: string }>(
    platform.world.db,
    sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
  )) {
    const rows = await many<{ row: string }>(platform.world.db, sql`select t::text as row from ${sql.table(table)} t`);
    if (table === 'function_code' || table === 'function_files') continue; // the test wrote them there
    expect([table, rows.filter(({ row }) => /canary(?!-key)/.test(row))]).toEqual([table, []]);
  }
});

test('a secret that shows itself late is taken out of what was written before', async () => {
  await capturing({ mode: 'all' });
  upstream.on('/early', (_request, response) => json(response, { id: 'late-secret-4711' }));
  const { name } = await act(
    `const { data } = await nango.get({ endpoint: '/early' });
     await new Promise((go) => setTimeout(go, 1500));
     await nango.get({ endpoint: '/early', headers: { 'x-auth-token': data.id } });
     return 1;`,
  );
  const { id } = await captureOf(name);
  expect((await platform.call('GET', `/captures/${id}`)).body.next_part).toBe(1);
  expect(JSON.stringify(await entriesOf(name))).not.toContain('late-secret-4711');
});

test('only runs that fail are kept where only those are wanted, however much the others asked', async () => {
  await capturing({ mode: 'failures' });
  const body = JSON.stringify({ text: 'x'.repeat(900_000) });
  upstream.on('/large', (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(body));
  const large = `for (let i = 0; i < 4; i++) await nango.get({ endpoint: '/large' });`;
  const fine = await act(`${large} return 1`);
  const failing = await act(`${large} throw new Error('broken')`);
  expect([fine.answer.status, failing.answer.status]).toEqual([200, 500]);
  expect(await captureOf(failing.name)).toMatchObject({ state: 'whole', calls: 4 });
  expect((await entriesOf(failing.name)).at(-1)).toMatchObject({ error: { message: expect.stringContaining('broken') } });
  await eventually(
    async () => !(await platform.call('GET', '/captures?limit=100')).body.data.some((one: Json) => one.function === fine.name),
    'the run that succeeded left nothing',
  );
});

test('a body that is too large is left out and the call says so; so is what is more than a run may have', async () => {
  await capturing({ mode: 'all' });
  const page = (bytes: number) => JSON.stringify({ text: 'y'.repeat(bytes) });
  upstream.on('/huge', (_request, response) => response.writeHead(200).end(page(1_100_000)));
  upstream.on('/page', (_request, response) => response.writeHead(200).end(page(900_000)));
  const { name } = await act(
    `await nango.get({ endpoint: '/huge' }); for (let i = 0; i < 20; i++) { await nango.get({ endpoint: '/page' }); await new Promise((go) => setTimeout(go, 60)); } return 1`,
  );
  expect(await captureOf(name)).toMatchObject({ state: 'cut', calls: 21 });
  const calls = (await entriesOf(name)).flatMap((entry) => (entry.entry === 'call' ? [entry] : []));
  expect(calls).toHaveLength(21);
  expect(calls[0]).toMatchObject({ cut: true, answer: { value: { status: 200 }, body: { text: null, bytes: 1_100_011 } } });
  expect(calls[1]).toMatchObject({ cut: false });
  expect(calls.at(-1)).toMatchObject({ cut: true });
  const kept = calls.reduce((sum, { answer }) => sum + (answer?.body?.text?.length ?? 0), 0);
  expect(kept).toBeLessThanOrEqual(16 * 1024 * 1024);
});

test('a function that floods its capture with addresses is cut, too', async () => {
  await capturing({ mode: 'all' });
  const { name, answer } = await act(
    `for (let i = 0; i < 600; i++) await nango.get({ endpoint: '/nothing', params: { q: String(i) + 'z'.repeat(40_000) } }).catch(() => {}); return 1`,
    { large: 'i'.repeat(1_200_000) },
  );
  expect(answer.status).toBe(200);
  expect(await captureOf(name)).toMatchObject({ state: 'cut', calls: 600 });
  const entries = await entriesOf(name);
  expect(entries[0]).toMatchObject({ entry: 'start', run: { name } });
  expect(JSON.stringify(entries[0]).length).toBeLessThan(10_000);
  const { left_out } = entries.at(-1) as { left_out: number };
  expect(left_out).toBeGreaterThan(0);
  expect(entries.filter(({ entry }) => entry === 'call').length + left_out).toBe(600);
});

test('they are listed page by page, the newest first, each once', async () => {
  await capturing({ mode: 'all' });
  const names: string[] = [];
  for (let n = 0; n < 3; n++) names.unshift((await captureOf((await act('return 1')).name)).function);
  const { body: first } = await platform.call('GET', '/captures?limit=2');
  expect(first.data.map((one: Json) => one.function)).toEqual(names.slice(0, 2));
  const { body: second } = await platform.call('GET', `/captures?limit=100&cursor=${first.next_cursor}`);
  const { body: whole } = await platform.call('GET', '/captures?limit=100');
  expect([...first.data, ...second.data]).toEqual(whole.data);
  expect([second.next_cursor, whole.next_cursor]).toEqual([null, null]);
});

test('the oldest captures make room for new ones, and each ends with its time', async () => {
  await capturing({ mode: 'all' });
  upstream.on('/noise', (_request, response) => {
    let text = '';
    for (let index = 0; index < 20_000; index++) text += Math.random().toString(36).slice(2);
    json(response, { text });
  });
  const noise = `for (let i = 0; i < 2; i++) await nango.get({ endpoint: '/noise' }); return 1`;
  const old = await act(noise);
  await captureOf(old.name);
  platform.advance(10_000);
  for (let index = 0; index < 3; index++) {
    platform.advance(10_000);
    await captureOf((await act(noise)).name);
  }
  const left = async (): Promise<Json[]> => (await platform.call('GET', '/captures?limit=100')).body.data;
  await eventually(async () => !(await left()).some((one) => one.function === old.name), 'the oldest is gone');
  expect((await left()).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(2 * 1024 * 1024);
  await run(platform.world.db, sql`update captures set expires_at = now() - interval '1 second'`);
  expect(await left()).toEqual([]);
  await sweepCaptures(platform.world);
  expect(await many(platform.world.db, sql`select 1 from captures`)).toEqual([]);
  expect(await many(platform.world.db, sql`select 1 from capture_parts`)).toEqual([]);
});

test('a sync that is captured holds the records it saved and the checkpoint it found', async () => {
  await capturing({ integration: 'key', function: 'saving', mode: 'all' });
  await deploy(platform, [
    {
      name: 'saving',
      exec: `const { at = 0 } = (await nango.getCheckpoint()) ?? {}; await nango.batchSave([{ id: String(at), name: 'n' + at }], 'Item'); await nango.saveCheckpoint({ at: at + 1 });`,
    },
  ]);
  await eventually(() => statusOf(platform, 'c-1', 'saving'), 'the sync is there');
  await runOnce(platform, 'c-1', 'saving');
  await captureOf('saving');
  await runOnce(platform, 'c-1', 'saving');
  const entries = await eventually(async () => {
    const found = await entriesOf('saving');
    return found[0]?.entry === 'start' && found[0].checkpoint !== null ? found : undefined;
  }, 'the second run was captured');
  expect(entries[0]).toMatchObject({ checkpoint: { at: expect.any(Number) }, run: { models: ['Item'], kind: 'sync' } });
  expect(entries.find((entry) => entry.entry === 'call' && entry.method === 'records.save')).toMatchObject({
    params: { model: 'Item' },
    body: { text: expect.stringContaining('"name"') },
  });
});

test('the rule that names most counts, and one run in so many is drawn by its number', () => {
  const rule = (integration: string | null, fn: string | null, mode: 'off' | 'all') => ({ integration, function: fn, mode, one_in: 1 });
  const rules = [rule(null, null, 'all'), rule('a', null, 'off'), rule('a', 'f', 'all'), rule(null, 'g', 'off')];
  const modeOf = (integration: string, fn: string) => fittingRule(rules, { integration, function: fn })?.mode;
  expect([modeOf('b', 'x'), modeOf('a', 'x'), modeOf('a', 'f'), modeOf('a', 'g')]).toEqual(['all', 'off', 'all', 'off']);
  expect(fittingRule([rule('a', null, 'all')], { integration: 'b', function: 'x' })).toBeUndefined();
  const drawn = Array.from({ length: 10_000 }, (_, index) => index).filter((id) => isDrawn(id, 10));
  expect(drawn.length).toBeGreaterThan(850);
  expect(drawn.length).toBeLessThan(1150);
  expect(drawn.filter((id) => id % 2 === 0).length).toBeGreaterThan(400);
});
