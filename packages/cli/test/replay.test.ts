/** `bowline test`: recordings of the reference's form and ours, played in real sandboxes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashOf, identify } from '../src/fixture/identity.ts';
import { exampleFolder, makeProject, runCli } from './project.ts';

const within = 120_000;

const file = (kind: 'createAction' | 'createSync' | 'createOnEvent', options: string) =>
  `import { ${kind} } from 'nango';\nimport { z } from 'zod';\nexport default ${kind}({ description: 'd', ${options} });\n`;
const action = (body: string) => file('createAction', `input: z.any(), output: z.any(), exec: async (nango, input) => { ${body} }`);
const sync = (body: string, more = '') =>
  file('createSync', `frequency: 'every hour', models: { Item: z.object({ id: z.string() }) }, ${more} exec: async (nango) => { ${body} }`);

type Files = Record<string, string | object>;
const project = (files: Files) =>
  makeProject(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, typeof text === 'string' ? text : JSON.stringify(text)])),
  );
const play = async (files: Files, ...words: string[]) => {
  const root = project(files);
  const { exitCode, output, errors } = await runCli(root, ['test', '--json', ...words]);
  return { root, exitCode, errors, ...JSON.parse(output) };
};
/** One action and its recording: what differs, if anything. */
const differences = async (body: string, fixture: object): Promise<{ what: string; diff: string }[]> =>
  (await play({ 'crm/actions/one.ts': action(body), 'crm/tests/one.test.json': fixture })).tests[0].differences;

const get = (response: unknown, more: object = {}) => ({ api: { get: { '/items': { response, ...more } } } });

it(
  'every function of the example has a recording, and each passes',
  async () => {
    const { exitCode, output } = await runCli(exampleFolder, ['test', '--json']);
    const { tests, untested } = JSON.parse(output);
    expect(tests.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    expect(tests.length).toBeGreaterThan(30);
    expect(untested).toEqual([]);
    expect(exitCode).toBe(0);
  },
  within,
);

it(
  'what differs is shown, exits with 13, and is taken over with --update',
  async () => {
    const files = {
      'crm/actions/one.ts': action("return (await nango.get({ endpoint: '/items' })).data;"),
      'crm/tests/one.test.json': { input: null, output: { a: 1 }, ...get({ a: 2 }) },
    };
    const failed = await play(files);
    expect(failed).toMatchObject({ ok: false, exitCode: 13, error: { message: '1 recording of 1 failed.' }, tests: [{ ok: false }] });
    expect(failed.tests[0].differences[0].diff).toContain('-  "a": 1\n+  "a": 2');
    const shown = await runCli(failed.root, ['test']);
    expect(shown.output).toContain('crm/tests/one.test.json');
    expect(shown.output).not.toContain('\u001b[');
    expect((await runCli(failed.root, ['test', '--update'])).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(join(failed.root, 'crm/tests/one.test.json'), 'utf8')).output).toEqual({ a: 2 });
    expect((await runCli(failed.root, ['test'])).exitCode).toBe(0);
  },
  within,
);

it(
  'a run that fails is not taken over',
  async () => {
    const files = { 'crm/actions/one.ts': action("throw new Error('broken')"), 'crm/tests/one.test.json': { output: 1 } };
    const { exitCode, root, tests } = await play(files, '--update');
    expect(exitCode).toBe(13);
    expect(tests[0].differences[0].diff).toContain('script_internal_error: broken');
    expect(JSON.parse(readFileSync(join(root, 'crm/tests/one.test.json'), 'utf8')).output).toBe(1);
  },
  within,
);

describe('a request finds its answer', () => {
  const asked =
    "const { data } = await nango.get({ endpoint: '/items', params: { b: 2, a: ['x', 'y'] }, headers: { 'X-Thing': 'q' } }); return data;";
  const request = { params: { a: 'x,y', b: '2' }, headers: { 'x-thing': 'q' } };
  const hash = hashOf(identify({ method: 'get', endpoint: '/items', params: { a: 'x,y', b: '2' }, headers: { 'x-thing': 'q' } }));
  it.each([
    ['by its description', { request }],
    ['by its hash alone', { hash }],
    ['among several', undefined],
  ])(
    '%s',
    async (_, entry) => {
      const entries = entry
        ? { response: 1, ...entry }
        : [
            { response: 2, request: { params: { b: '2' } } },
            { response: 1, request },
          ];
      expect(await differences(asked, { output: 1, api: { get: { '/items': entries } } })).toEqual([]);
    },
    within,
  );

  it(
    'a body is compared as what the author gave, long ones by their hash',
    async () => {
      const long = 'x'.repeat(2000);
      const post = (data: string) => `return (await nango.post({ endpoint: '/items', data: ${data} })).status;`;
      const api = (data: unknown) => ({ output: 201, api: { post: { '/items': { request: { data }, response: null, status: 201 } } } });
      expect(await differences(post('{ b: 1, a: [2] }'), api({ b: 1, a: [2] }))).toEqual([]);
      expect(await differences(post("'plain text'"), api('plain text'))).toEqual([]);
      expect(await differences(post(`{ long: '${long}' }`), api(identify({ method: 'post', endpoint: '/', data: { long } }).data))).toEqual(
        [],
      );
    },
    within,
  );

  it(
    'one that is not recorded says what was asked and what there is instead',
    async () => {
      const [{ diff } = { diff: '' }] = await differences(asked, { output: 1, ...get(1, { request: { params: { page: '1' } } }) });
      expect(diff).toContain('GET /items?a=x%2Cy&b=2');
      expect(diff).toContain('GET /items ?page=1');
    },
    within,
  );

  it(
    'a status outside 2xx throws, as it does on the platform',
    async () => {
      const body = "try { await nango.get({ endpoint: '/items' }); } catch (error) { return error.response.status; }";
      expect(await differences(body, { output: 404, ...get({ message: 'gone' }, { status: 404 }) })).toEqual([]);
    },
    within,
  );

  it(
    'bytes come back as bytes',
    async () => {
      const body = "return (await nango.get({ endpoint: '/items', responseType: 'arraybuffer' })).data.toString('hex');";
      expect(await differences(body, { output: 'ff00', ...get('/wA=', { encoding: 'base64' }) })).toEqual([]);
      expect(await differences(body, { output: 'ff00', ...get({ type: 'Buffer', data: [255, 0] }) })).toEqual([]);
    },
    within,
  );
});

it(
  'time stands where the run was recorded, and waiting takes none',
  async () => {
    const body = `
      const began = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      return [new Date(began).toISOString(), new Date().toISOString(), new Date(0) instanceof Date, new Date(2020, 0).getFullYear()];`;
    const output = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z', true, 2020];
    expect(await differences(body, { output, bowline: { clock: '2026-03-01T12:00:00Z' } })).toEqual([]);
  },
  within,
);

it(
  'a sync: saves and deletions by model, checkpoint before and after, the cache it finds, pages as the catalogue has them',
  async () => {
    const body = `
      const { at } = await nango.getCheckpoint();
      for await (const page of nango.paginate({ endpoint: '/items' })) await nango.batchSave(page, 'Item');
      for await (const old of nango.listRecords('Item')) await nango.batchDelete([{ id: old.id }], 'Item');
      await nango.saveCheckpoint({ at: at + 1 });`;
    const fixture = {
      nango: { batchSave: { Item: [{ id: '1' }, { id: '2' }] }, batchDelete: { Item: [{ id: 'old' }] } },
      api: {
        get: {
          '/items': [
            { response: { items: [{ id: '1' }], nextPageToken: 'n' }, request: { params: {} } },
            { response: { items: [{ id: '2' }] }, request: { params: { pageToken: 'n' } } },
          ],
        },
      },
      bowline: { provider: 'google', checkpoint: { at: 1 }, records: { Item: [{ id: 'old' }] }, expect: { checkpoint: { at: 2 } } },
    };
    const files = {
      'drive/syncs/items.ts': sync(body, 'checkpoint: z.object({ at: z.number() }),'),
      'drive/tests/items.test.json': fixture,
    };
    expect(await play(files)).toMatchObject({ ok: true, exitCode: 0 });
    const wrong = { ...fixture, bowline: { ...fixture.bowline, expect: { checkpoint: { at: 3 } } } };
    const { tests } = await play({ ...files, 'drive/tests/items.test.json': wrong });
    expect(tests[0].differences.map(({ what }: { what: string }) => what)).toEqual(['checkpoint']);
    const { root } = await play({ ...files, 'drive/tests/items.test.json': wrong }, '--update');
    expect(JSON.parse(readFileSync(join(root, 'drive/tests/items.test.json'), 'utf8'))).toEqual(fixture);
  },
  within,
);

it(
  'webhook handlers, on-event functions, expected failures, tokens and other actions are played too',
  async () => {
    const files = {
      'crm/syncs/items.ts': sync('', "onWebhook: async (nango, payload) => { await nango.batchSave([{ id: payload.id }], 'Item'); },"),
      'crm/tests/items.hook.test.json': {
        nango: { batchSave: { Item: [{ id: 'w1' }] } },
        bowline: { kind: 'webhook', payload: { id: 'w1' } },
      },
      'crm/on-events/hello.ts': file(
        'createOnEvent',
        "event: 'post-connection-creation', exec: async (nango) => { await nango.post({ endpoint: '/hooks', data: { a: 1 } }); }",
      ),
      'crm/tests/hello.test.json': {
        api: { post: { '/hooks': { response: {}, request: { data: { a: 1 } } } } },
        bowline: { kind: 'on-event' },
      },
      'crm/actions/fails.ts': action("throw new nango.ActionError({ message: 'no', code: 7 })"),
      'crm/tests/fails.test.json': {
        input: {},
        bowline: { expect: { error: { type: 'action_script_runtime_error', payload: { message: 'no', code: 7 } } } },
      },
      'crm/actions/calls.ts': action("return [await nango.getToken(), await nango.triggerAction('crm', 'c', 'other', 1)];"),
      'crm/tests/calls.test.json': { output: ['t', { b: 2 }], bowline: { token: 't', actions: { 'crm/other': { b: 2 } } } },
    };
    const { exitCode, tests } = await play(files);
    expect(tests.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    expect([exitCode, tests.length]).toEqual([0, 4]);
  },
  within,
);

it(
  'names choose; a broken file, one without a function and a project without any are told apart',
  async () => {
    const files = {
      'crm/actions/one.ts': action('return 1;'),
      'crm/actions/two.ts': action('return 2;'),
      'crm/tests/one.test.json': { output: 1 },
      'crm/tests/two.test.json': { output: 0 },
    };
    expect(await play(files, 'one')).toMatchObject({ ok: true, tests: [{ file: 'crm/tests/one.test.json' }] });
    const broken = await play({ ...files, 'crm/tests/two.test.json': '{', 'crm/tests/three.test.json': {} });
    expect(broken.exitCode).toBe(13);
    expect(broken.error.diagnostics.map(({ file }: { file: string }) => file)).toEqual([
      'crm/tests/three.test.json',
      'crm/tests/two.test.json',
    ]);
    const none = await runCli(project({ 'crm/actions/one.ts': action('return 1;') }), ['test']);
    expect(none).toMatchObject({ exitCode: 2, errors: expect.stringContaining('bowline dryrun') });
  },
  within,
);
