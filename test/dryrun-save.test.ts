/** `bowline dryrun --save`: runs against a real platform become recordings that hold no secret and pass when platform and provider are gone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  API_KEY,
  action,
  bowline,
  CONNECTION,
  KEY,
  makeProject,
  onEvent,
  openStage,
  pagedSync,
  SESSION,
  type Stage,
  sync,
} from './dryrun-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

const fixtureOf = (root: string, name: string) => JSON.parse(readFileSync(join(root, `${KEY}/tests/${name}.test.json`), 'utf8'));
const save = (root: string, words: string[], outside = {}) => bowline(stage.platform, root, ['dryrun', ...words, '--save'], outside);

const files = {
  [`${KEY}/syncs/items.ts`]: pagedSync,
  [`${KEY}/syncs/hooked.ts`]: sync(
    "const found = await nango.getRecordsByIds(['1'], 'Item'); await nango.batchSave([{ id: '1', name: String(found.size) }], 'Item');",
    "onWebhook: async (nango, payload) => { await nango.batchDelete([{ id: payload.gone }], 'Item'); },",
  ).replaceAll('Item', 'Hooked'),
  [`${KEY}/actions/create.ts`]: action(`const { credentials, connection_config } = await nango.getConnection();
    if (credentials.type !== 'API_KEY') throw new Error('another kind of key');
    const at = new Date().toISOString();
    const { data } = await nango.post({ endpoint: '/things', params: { key: credentials.apiKey }, data: { title: input.title, at, by: connection_config }, headers: { 'X-Kind': 'thing' } });
    return { path: data.path, at };`),
  [`${KEY}/actions/session.ts`]: action(`const { data } = await nango.get({ endpoint: '/session' });
    const token = data.session.access_token;
    const { data: mine } = await nango.get({ endpoint: '/mine', params: { token } });
    await nango.post({ endpoint: '/log', data: 'grant=client&access_token=' + token, headers: { 'X-Session-Token': token } });
    return { mine, token, header: 'Bearer ' + token };`),
  [`${KEY}/actions/poll.ts`]: action(`for (let tries = 1; ; tries += 1) {
      const { data } = await nango.get({ endpoint: '/job' });
      if (data.state === 'done') return { tries, at: new Date().toISOString() };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }`),
  [`${KEY}/actions/upload.ts`]: action(`const form = new FormData();
    form.append('file', new Blob(['hello']), 'hello.txt');
    return (await nango.post({ endpoint: '/files', data: form })).status;`),
  [`${KEY}/actions/picture.ts`]: action(
    "return (await nango.get({ endpoint: '/picture', responseType: 'arraybuffer' })).data.toString('hex');",
  ),
  [`${KEY}/actions/fails.ts`]: action(`try { await nango.get({ endpoint: '/missing' }); }
    catch (error) { throw new nango.ActionError({ message: 'gone', status: error.response.status }); }`),
  [`${KEY}/on-events/hello.ts`]: onEvent("await nango.post({ endpoint: '/hooks', data: { token: await nango.getToken() } });"),
};

describe('a run', () => {
  it('that does something else each time is saved, and it is said what differs and why', async () => {
    const root = makeProject({ [`${KEY}/actions/one.ts`]: action('return Math.random();') });
    const { exitCode, output, errors } = await save(root, ['one', CONNECTION]);
    expect(output).toContain('played again, output differs');
    expect(errors).toContain('Math.random()');
    expect(exitCode).toBe(0);
  });

  it('that fails is saved only when somebody wants it', async () => {
    const root = makeProject({ [`${KEY}/actions/one.ts`]: action("throw new Error('broken');") });
    const file = join(root, `${KEY}/tests/one.test.json`);
    const { output, exitCode } = await save(root, ['one', CONNECTION]);
    expect([exitCode, existsSync(file)]).toEqual([12, false]);
    expect(output).toContain('--save-failure');
    await save(root, ['one', CONNECTION], { answers: ['n'] });
    expect(existsSync(file)).toBe(false);
    await save(root, ['one', CONNECTION], { answers: ['y'] });
    expect(JSON.parse(readFileSync(file, 'utf8')).bowline.expect.error).toEqual({ type: 'script_internal_error', message: 'broken' });
  });

  it('of one of two functions of a name is recorded beside the other', async () => {
    const root = makeProject({ [`${KEY}/actions/items.ts`]: action('return 1;'), [`${KEY}/syncs/items.ts`]: pagedSync });
    await save(root, ['items', CONNECTION, '--type', 'action']);
    await save(root, ['items', CONNECTION, '--type', 'sync']);
    expect(readdirSync(join(root, KEY, 'tests')).sort()).toEqual(['items.action.test.json', 'items.sync.test.json']);
    expect(await bowline(undefined, root, ['test'])).toMatchObject({ exitCode: 0, output: expect.stringContaining('2 passed') });
  });

  it('with a secret in its source is warned about, as is a large one', async () => {
    const secret = 'k3y-written-1n-the-source';
    const root = makeProject({
      [`${KEY}/actions/one.ts`]: action(
        `await nango.post({ endpoint: '/a', data: { api_key: '${secret}', text: 'x'.repeat(2_000_000) } }); return 'y'.repeat(1_500_000);`,
      ),
    });
    const { errors } = await save(root, ['one', CONNECTION]);
    expect(errors).toContain('holds a secret');
    expect(errors).toMatch(/It has \d\.\d MB/);
  });
});

// The last one, for it stops the platform.
it('what was recorded passes offline, holds no secret, and keeps the form of recordings', async () => {
  const root = makeProject(files);
  const runs: [string[], string][] = [
    [['items', CONNECTION, '--checkpoint', '{"seen":2}'], 'items'],
    [['hooked', CONNECTION], 'hooked'],
    [['hooked', CONNECTION, '--payload', '{"gone":"7"}'], 'hooked.webhook'],
    [['create', CONNECTION, '-i', '{"title":"One"}'], 'create'],
    [['create', CONNECTION, '-i', '{"title":"Two"}', '--case', 'second'], 'create.second'],
    [['session', CONNECTION], 'session'],
    [['poll', CONNECTION], 'poll'],
    [['upload', CONNECTION], 'upload'],
    [['picture', CONNECTION], 'picture'],
    [['hello', CONNECTION], 'hello'],
  ];
  for (const [words, file] of runs) {
    const { exitCode, output } = await save(root, words);
    expect(output).toContain(`Saved ${KEY}/tests/${file}.test.json`);
    expect(output).toContain('played again it does the same');
    expect(exitCode).toBe(0);
  }
  const failed = await save(root, ['fails', CONNECTION, '--save-failure']);
  expect(failed).toMatchObject({ exitCode: 12, output: expect.stringContaining('played again it does the same') });

  for (const file of readdirSync(join(root, KEY, 'tests'))) {
    const text = readFileSync(join(root, KEY, 'tests', file), 'utf8');
    for (const secret of [API_KEY, SESSION, stage.platform.apiKey]) expect(text, file).not.toContain(secret);
  }
  const items = fixtureOf(root, 'items');
  expect(Object.keys(items)).toEqual(['nango', 'api', 'bowline']);
  expect(items.nango).toMatchObject({ getMetadata: { team: 'T1' }, batchSave: { Item: [{ id: '1' }, {}, {}, {}, { id: '5' }] } });
  expect(items.api.get['/items']).toHaveLength(3);
  expect(items.api.get['/items'][1]).toMatchObject({
    request: { params: { page: '2', team: 'T1' } },
    response: { next: 3 },
    status: 200,
    headers: { 'x-total': '5' },
    hash: expect.stringMatching(/^[0-9a-f]{40}$/),
  });
  expect(items.bowline).toMatchObject({ kind: 'sync', provider: KEY, checkpoint: { seen: 2 }, expect: { checkpoint: { seen: 7 } } });
  const create = fixtureOf(root, 'create');
  expect(Object.keys(create)).toEqual(['input', 'output', 'nango', 'api', 'bowline']);
  expect(create.nango.getConnection).toMatchObject({ connection_id: CONNECTION, provider: KEY, credentials: { type: 'API_KEY' } });
  expect(create.api.post['/things'].request).toMatchObject({
    headers: { 'x-kind': 'thing' },
    data: { title: 'One', at: create.bowline.clock },
  });
  expect(fixtureOf(root, 'picture').api.get['/picture']).toMatchObject({ response: '/9gA', encoding: 'base64' });
  expect(fixtureOf(root, 'fails').bowline.expect.error).toMatchObject({ payload: { message: 'gone', status: 404 } });

  await stage.platform.stop();
  await stage.upstream.stop();
  const { exitCode, output } = await bowline(undefined, root, ['test']);
  expect(output).toContain('11 passed');
  expect(exitCode).toBe(0);
}, 240_000);
