/** The `nango` object as a deployed function meets it: every case of `methods.ts` in its sandbox, with the platform and an API behind it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, statusOf } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, type Received, startUpstream, type Upstream } from '../upstream.ts';
import { type Case, methods } from './methods.ts';

let upstream: Upstream;
let platform: Platform;
const firstAsked = new Map<string, number>();

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`, `localhost:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { metadata: { n: 1 }, connection_config: { region: 'eu' } });
  await importConnection(platform, 'c-2');
  const member = await platform.member();
  // One of the cases deletes nearly all records of a model; that large deletions wait has its own test.
  const settings = { variables: [{ name: 'A', value: '1' }], deletion_guard: { percent: null, records: 0 } };
  expect(await member('PATCH', '/api/environment', settings)).toMatchObject({ status: 200 });
  await deploy(platform, [
    { type: 'action', name: 'echo', exec: 'return { got: input }' },
    { type: 'action', name: 'fails', exec: `throw new nango.ActionError({ message: 'no such city' })` },
    { name: 'idle', autoStart: false, models: ['Idle'] },
    { name: 'methods', autoStart: false, models: ['Item', 'Seen'] },
  ]);
  for (const name of ['idle', 'methods']) await eventually(async () => await statusOf(platform, 'c-1', name), `${name} is there`);
  answerAll();
});

const query = ({ url }: Received) => new URL(url, upstream.url).searchParams;

function answerAll(): void {
  for (const path of ['/echo', '/echo/eu', '/echo/other/echo']) {
    upstream.on(path, ({ method, url, headers, body }, response) => {
      response.setHeader('X-Answer', 'yes');
      json(response, { method, url, headers, body: body.toString(), type: headers['content-type']?.replace('; charset=utf-8', '') });
    });
  }
  upstream.on('/bytes', (_request, response) => response.end(Buffer.from([0, 255, 10])));
  upstream.on('/refuses', (_request, response) => {
    response.setHeader('X-Answer', 'yes');
    json(response, { why: 'teapot' }, 418);
  });
  upstream.on('/reset', (_request, response) => response.destroy());
  upstream.on('/moved', (request, response) => {
    const asked = query(request);
    const elsewhere = asked.has('elsewhere') ? `http://localhost:${upstream.port}` : '';
    const location = asked.has('loop') ? '/moved?loop' : (asked.get('to') ?? `${elsewhere}/echo?moved`);
    response.writeHead(Number(asked.get('status') ?? 302), { location }).end();
  });
  /** Refuses the first request of each kind, and then tells how long the second one took to come. */
  upstream.on('/shaky', (request, response) => {
    const of = query(request).get('of') ?? '';
    const first = firstAsked.get(of);
    if (first !== undefined) return json(response, { tries: 2, waitedMs: Date.now() - first });
    firstAsked.set(of, Date.now());
    response.setHeader('X-Wait', '5');
    json(response, {}, Number(query(request).get('status') ?? 500));
  });
  upstream.on('/changes-metadata', async ({ body }, response) => {
    const metadata: unknown = JSON.parse(body.toString());
    await platform.call('POST', '/connections/metadata', { connection_id: 'c-1', provider_config_key: 'key', metadata });
    json(response, {});
  });
}

let count = 0;

async function seenByAction({ exec }: Case): Promise<Json> {
  const name = `method-${count++}`;
  await deploy(platform, [{ type: 'action', name, exec: exec.replaceAll('{api}', upstream.url) }]);
  const of = { 'connection-id': 'c-1', 'provider-config-key': 'key' };
  const { status, body } = await platform.call('POST', '/action/trigger', { action_name: name }, of);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** What a sync saw it saves, since nobody reads what it returns. */
async function seenBySync({ exec }: Case): Promise<Json> {
  const body = `const seen = await (async () => { ${exec} })().catch((error) => ({ failed: error.message })); await nango.batchSave([{ id: 'seen', seen }], 'Seen');`;
  await deploy(platform, [{ name: 'methods', autoStart: false, models: ['Item', 'Seen'], exec: body }]);
  expect(await runOnce(platform, 'c-1', 'methods')).toMatchObject({ latestExecutionStatus: 'SUCCESS' });
  const [record] = await recordsOf(platform, 'c-1', '', 'Seen');
  return record.seen;
}

/** `{ contains }` stands for a text that holds it. */
function expected(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  if ('contains' in value) return expect.stringContaining(String(value.contains));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, expected(one)]));
}

describe.each(Object.entries(methods))('%s', (_about, cases) => {
  test.each(cases.map((one) => [one.what, one] as const))('%s', async (_what, one) => {
    const seen = await (one.sync ? seenBySync(one) : seenByAction(one));
    const wanted = expected(one.sees);
    if (typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted)) expect(seen).toMatchObject(wanted);
    else expect(seen).toEqual(wanted);
  });
});
