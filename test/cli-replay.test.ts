/** `bowline replay` with the whole platform: captured runs executed again on this machine, of which the provider hears nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeProject, runCli } from '../packages/cli/test/project.ts';
import { createIntegrations, importConnection } from '../packages/server/test/connections/fixture.ts';
import { runOnce, statusOf } from '../packages/server/test/functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';
import { json, startUpstream, type Upstream } from '../packages/server/test/upstream.ts';

const API_KEY = 'k3y-0f-the-c0nnection';
let upstream: Upstream;
let platform: Platform;
let count = 0;

beforeAll(async () => {
  upstream = await startUpstream();
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { credentials: { type: 'API_KEY', apiKey: API_KEY }, metadata: { team: 'T1' } });
  await platform.call('PUT', '/capture-settings', { rules: [{ integration: null, function: null, mode: 'all' }] });
  upstream.on('/items', ({ url, headers }, response) => {
    if (headers['x-key'] !== API_KEY) return json(response, { error: 'no key' }, 401);
    const page = Number(new URL(url, 'http://x').searchParams.get('page') ?? 1);
    const items = [1, 2].map((n) => ({ id: `${page}-${n}`, name: `Item ${page}-${n}`, owner: { name: 'Ann' } }));
    json(response, { items, next: page < 3 ? page + 1 : null });
  });
  upstream.on('/session', (_request, response) => json(response, { session: { access_token: 'sess10n-t0ken-0f-it' } }));
  upstream.on('/mine', ({ headers }, response) => json(response, { ok: headers.authorization === 'Bearer sess10n-t0ken-0f-it' }));
  upstream.on('/broken', (_request, response) => json(response, { message: 'no' }, 500));
  upstream.on('/since', ({ url }, response) => json(response, { url }));
}, 120_000);

const env = () => ({ BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey });
const head = (kind: string) => `import { ${kind} } from 'bowline';\nimport { z } from 'zod';\n`;
const syncOf = (body: string, fields = '') =>
  `${head('createSync')}const Item = z.object({ id: z.string(), name: z.string(), ${fields} });
export default createSync({ description: 'd', frequency: 'every hour', autoStart: false, models: { Item }, metadata: z.object({ team: z.string() }), checkpoint: z.object({ seen: z.number() }), exec: async (nango) => {\n${body}\n} });\n`;
const actionOf = (body: string) =>
  `${head('createAction')}export default createAction({ description: 'd', input: z.any(), output: z.any(), exec: async (nango) => {\n${body}\n} });\n`;

/** Deploys a function of its own, and runs it once. @returns its project, and the number of the run and the id of its operation */
async function ran(kind: 'syncs' | 'actions', source: string, input: Json = {}) {
  const name = `fn-${++count}`;
  const file = `key/${kind}/${name}.ts`;
  const root = makeProject({ [file]: source });
  const deployed = await runCli(root, ['deploy', '-i', 'key', kind === 'syncs' ? '--sync' : '--action', name], { env: env() });
  expect([deployed.exitCode, deployed.errors.replace(/.*volatile_field.*\n/, '')]).toEqual([0, '']);
  if (kind === 'syncs') {
    await eventually(() => statusOf(platform, 'c-1', name), 'the sync is there');
    await runOnce(platform, 'c-1', name);
  } else {
    const headers = { authorization: `Bearer ${platform.apiKey}`, 'provider-config-key': 'key', 'connection-id': 'c-1' };
    await platform.call('POST', '/action/trigger', { action_name: name, input }, headers);
  }
  const capture: Json = await eventually(async () => {
    const { body } = await platform.call('GET', '/captures?limit=100');
    return body.data.find((one: Json) => one.function === name && one.state !== 'running');
  }, 'the run was captured');
  const change = (anew: string) => writeFileSync(join(root, file), anew);
  return { root, change, run: String(capture.run_id), operation: String(capture.operation_id) };
}

/** Of it the provider hears nothing. */
async function replay(root: string, words: string[]) {
  const before = upstream.received().length;
  const answer = await runCli(root, ['replay', ...words], { env: env() });
  expect(upstream.received().length).toBe(before);
  return { ...answer, json: (): Json => JSON.parse(answer.output) };
}

const paged = (more = '') => `const { seen = 0 } = (await nango.getCheckpoint()) ?? {};
  const { team } = await nango.getMetadata();
  await nango.log('reading for ' + team);
  let [page, count] = [1, seen];
  while (page) {
    const { data } = await nango.get({ endpoint: '/items', params: { page: String(page), team } });
    await nango.batchSave(data.items.map((item: { id: string; name: string }) => ({ id: item.id, name: item.name, at: new Date().toISOString() })), 'Item');
    count += data.items.length;
    page = data.next;
  }
  ${more}
  await nango.saveCheckpoint({ seen: count });`;

describe('bowline replay', () => {
  it('of the code that ran finds the same, by the number of the run and by its operation, in any folder', async () => {
    const { run, operation } = await ran('syncs', syncOf(paged(), 'at: z.string()'));
    for (const id of [run, operation]) {
      const { exitCode, output } = await replay(makeProject({}), [id]);
      expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringContaining('The same came out.') });
      expect(output).toContain('Item  0 added, 0 updated, 0 deleted, 6 unchanged');
    }
    const document = (await replay(makeProject({}), [run, '--json'])).json();
    expect(document).toMatchObject({ ok: true, same: true, code: 'deployed', complete: true, requests: { missing: [], left: [] } });
    expect(JSON.stringify(document)).not.toContain(API_KEY);
  }, 60_000);

  it('with the code of the folder shows what a change does to records, checkpoint and log', async () => {
    const { root, change, run } = await ran('syncs', syncOf(paged(), 'at: z.string()'));
    expect((await replay(root, [run, '--local'])).exitCode).toBe(0);
    change(
      syncOf(
        paged(
          "await nango.batchDelete([{ id: '1-1' }], 'Item'); await nango.batchSave([{ id: 'new', name: 'New', at: '' }], 'Item'); count += 1; await nango.log('done');",
        ).replace('name: item.name', "name: item.id === '3-2' ? item.owner.name : item.name"),
        'at: z.string()',
      ),
    );
    const { exitCode, output, errors } = await replay(root, [run, '--local']);
    expect(exitCode).toBe(13);
    for (const part of [
      'Item  1 added, 1 updated, 1 deleted, 4 unchanged',
      '+ new',
      '- 1-1',
      '~ 3-2',
      'name: "Item 3-2" → "Ann"',
      'seen: 6 → 7',
      '+info done',
    ])
      expect(output).toContain(part);
    expect(errors).toContain('Different from the captured run: 3 records, the checkpoint, the log.');
    const document = (await replay(root, [run, '--local', '--json'])).json();
    expect(document.models.Item).toMatchObject({
      added: [{ id: 'new', record: { name: 'New' } }],
      updated: [{ id: '3-2', fields: [{ path: 'name', before: 'Item 3-2', after: 'Ann' }] }],
      deleted: [{ id: '1-1', record: { name: 'Item 1-1' } }],
      unchanged: 4,
    });
  }, 60_000);

  it('needs no token: what a provider hands out is a stand-in, from the answer to the request made of it', async () => {
    const source = actionOf(`const { data } = await nango.get({ endpoint: '/session' });
      const mine = await nango.uncontrolledFetch({ url: new URL('${upstream.url}/mine?token=' + data.session.access_token), headers: { authorization: 'Bearer ' + data.session.access_token } });
      const { apiKey } = await nango.getToken();
      const posted = await nango.post({ endpoint: '/nothing', data: { apiKey } }).catch((error) => error.response.status);
      return { ...(await mine.json()), length: apiKey.length > 0, posted };`);
    const { root, run } = await ran('actions', source);
    const document = (await replay(root, [run, '--local', '--json'])).json();
    expect(document).toMatchObject({ same: true, requests: { exact: expect.any(Number), missing: [], left: [] } });
    const told = JSON.stringify(document);
    expect(told).not.toContain(API_KEY);
    expect(told).not.toContain('sess10n');
  }, 60_000);

  it('shows a request that has no captured counterpart, with what is most like it, and those that were not made', async () => {
    const { root, change, run } = await ran(
      'actions',
      actionOf("return (await nango.get({ endpoint: '/items', params: { page: '2', team: 'a' } })).data.next;"),
    );
    change(actionOf("return (await nango.get({ endpoint: '/items', params: { page: '3', team: 'a' } })).data.next;"));
    const { exitCode, output, errors } = await replay(root, [run, '--local']);
    expect(exitCode).toBe(13);
    expect(output).toContain(
      'missing The captured run did not make this request: GET /items?page=3&team=a. Most like it: GET /items?page=2&team=a.',
    );
    expect(output).toContain('not made GET /items?page=2&team=a');
    expect(errors).toContain('1 request without a captured counterpart');
    const document = (await replay(root, [run, '--local', '--json'])).json();
    expect(document).toMatchObject({
      ok: false,
      same: false,
      requests: { missing: [{ why: 'none', nearest: ['GET /items?page=2&team=a'] }] },
    });
    // The order of a query says nothing.
    change(actionOf("return (await nango.get({ endpoint: '/items?team=a&page=2' })).data.next;"));
    expect((await replay(root, [run, '--local'])).exitCode).toBe(0);
  }, 60_000);

  it('takes a time that the function reads from its clock for the same moment', async () => {
    const source = actionOf(`await nango.get({ endpoint: '/items' });
      const since = new Date(Date.now() - 86_400_000).toISOString();
      await nango.get({ endpoint: '/since', params: { since, at: String(Date.now()) } });
      return { since };`);
    const { root, run } = await ran('actions', source);
    expect((await replay(root, [run, '--json'])).json()).toMatchObject({
      same: true,
      requests: { moments: expect.any(Number), missing: [] },
    });
  }, 60_000);

  it('of a run that failed fails so again, and shows how the mended code ends', async () => {
    const { root, change, run } = await ran(
      'actions',
      actionOf("const { data } = await nango.get({ endpoint: '/broken', retries: 0 }); return data;"),
    );
    expect(await replay(root, [run])).toMatchObject({ exitCode: 0 });
    change(
      actionOf(
        "try { return (await nango.get({ endpoint: '/broken', retries: 0 })).data; } catch (error) { return { status: error.response.status }; }",
      ),
    );
    const { exitCode, output } = await replay(root, [run, '--local']);
    expect(exitCode).toBe(13);
    expect(output).toMatch(/error\n.*- script_http_error.*\n.*\+ none/);
  }, 60_000);

  it('says why there is no capture, and what to do', async () => {
    expect(await replay(makeProject({}), ['999999999'])).toMatchObject({
      exitCode: 12,
      errors: expect.stringContaining('There is no capture of the run 999999999'),
    });
    await platform.call('PUT', '/capture-settings', { rules: [] });
    const { errors } = await replay(makeProject({}), ['999999999']);
    expect(errors).toContain('captures no runs. Turn it on in the dashboard, Settings');
    await platform.call('PUT', '/capture-settings', { rules: [{ integration: null, function: null, mode: 'all' }] });
  });
});
