/** `bowline dryrun` against a real platform and a provider that wants its key: what is real, what stays here, what is refused. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { action, bowline, CONNECTION, KEY, makeProject, onEvent, openStage, pagedSync, type Stage, sync } from './dryrun-stage.ts';
import { deploy, root as platformRoot, until } from './platform.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

const dryrun = (files: Record<string, string>, words: string[], outside = {}) =>
  bowline(stage.platform, makeProject(files), ['dryrun', ...words], outside);
const one = (body: string) => ({ [`${KEY}/actions/one.ts`]: action(body) });
const output = async (body: string, ...words: string[]) => (await dryrun(one(body), ['one', CONNECTION, '--json', ...words])).json();

describe('a dry run', () => {
  it('of a sync reads every page with the credentials of the server, and stores nothing', async () => {
    const files = { [`${KEY}/syncs/items.ts`]: pagedSync };
    const { exitCode, output } = await dryrun(files, ['items', CONNECTION]);
    expect(exitCode).toBe(0);
    for (const part of ['reading for T1', 'GET /items?team=T1', '200', 'Item  5 added, 0 updated, 0 deleted', '{"seen":5}'])
      expect(output).toContain(part);
    expect(output).not.toContain('Item 5"');
    const { records } = await stage.platform.nango.listRecords({ providerConfigKey: KEY, connectionId: CONNECTION, model: 'Item' });
    expect(records).toEqual([]);
  });

  it('starts from the given checkpoint and sees the given metadata', async () => {
    const files = { [`${KEY}/syncs/items.ts`]: pagedSync };
    const words = ['items', CONNECTION, '--json', '--diagnostics', '--checkpoint', '{"seen":10}', '--metadata', '{"team":"T2"}'];
    const { json } = await dryrun(files, words);
    expect(json()).toMatchObject({ ok: true, checkpoint: { seen: 15 }, models: { Item: { added: 5 } } });
    expect(json().calls[0].url).toBe('/items?team=T2');
    expect(json().diagnostics).toMatchObject({ calls: 3, received: expect.any(Number) });
    if (process.platform === 'linux') expect(json().diagnostics.memory).toBeGreaterThan(1_000_000);
  });

  it('gives bytes as bytes, and writes what the function writes', async () => {
    expect(
      await output("return (await nango.get({ endpoint: '/picture', responseType: 'arraybuffer' })).data.toString('hex');"),
    ).toMatchObject({
      output: 'ffd800',
    });
    const { output: echo } = await output("return (await nango.post({ endpoint: '/things', data: { a: 1 } })).data;");
    expect(echo).toEqual({ path: '/things', body: '{"a":1}', type: 'application/json' });
  });

  it('answers what a function asks of its connection, integration, environment and lock', async () => {
    const answer = await output(`
      const { credentials, metadata } = await nango.getConnection();
      return [credentials.type, metadata, (await nango.getIntegration()).unique_key, await nango.getEnvironmentVariables(),
        await nango.tryAcquireLock({ key: 'k', ttlMs: 1000 })];`);
    expect(answer.output).toEqual(['API_KEY', { team: 'T1' }, KEY, [], true]);
  });

  it('runs on-event functions and webhook handlers', async () => {
    const files = {
      [`${KEY}/on-events/hello.ts`]: onEvent("await nango.post({ endpoint: '/hooks', data: {} });"),
      [`${KEY}/syncs/items.ts`]: sync('', "onWebhook: async (nango, payload) => { await nango.batchSave([payload], 'Item'); },"),
    };
    expect((await dryrun(files, ['hello', CONNECTION, '--json'])).json()).toMatchObject({
      ok: true,
      calls: [{ method: 'POST', status: 201 }],
    });
    const hook = await dryrun(files, ['items', CONNECTION, '--payload', '{"id":"w","name":"n"}', '--json']);
    expect(hook.json()).toMatchObject({ function: { type: 'webhook' }, models: { Item: { records: [{ id: 'w', name: 'n' }] } } });
  });

  it('takes input as JSON, from a file and as a text', async () => {
    const root = makeProject(one('return input;'));
    writeFileSync(join(root, 'input.json'), '{"from":"file"}');
    for (const [given, expected] of [
      ['{"a":1}', { a: 1 }],
      ['@input.json', { from: 'file' }],
      ['foobar', 'foobar'],
      ['7', 7],
    ] as const) {
      const { json } = await bowline(stage.platform, root, ['dryrun', 'one', CONNECTION, '--json', '-i', given]);
      expect(json().output).toEqual(expected);
    }
  });

  it('of metadata changes them, unless they were given', async () => {
    const body = 'await nango.updateMetadata({ extra: 1 }); return nango.getMetadata();';
    expect((await output(body, '--metadata', '{"a":1}')).output).toEqual({ a: 1, extra: 1 });
    expect((await output(body, '--read-only')).output).toEqual({ team: 'T1', extra: 1 });
    const { metadata } = await stage.platform.nango.getConnection(KEY, CONNECTION);
    expect(metadata).toEqual({ team: 'T1' });
    expect((await output(body)).output).toEqual({ team: 'T1', extra: 1 });
    await stage.platform.nango.setMetadata(KEY, CONNECTION, { team: 'T1' });
  });
});

describe('a run that fails', () => {
  it('ends with 12 and tells type, payload and the line of the source', async () => {
    const failed = await dryrun(one("throw new nango.ActionError({ message: 'no room', code: 7 });"), ['one', CONNECTION]);
    expect(failed.exitCode).toBe(12);
    for (const part of ['action_script_runtime_error: no room', '"code": 7', `${KEY}/actions/one.ts:4:`])
      expect(failed.errors).toContain(part);
    const lost = await dryrun(one("await nango.get({ endpoint: '/missing' });"), ['one', CONNECTION]);
    for (const part of ['script_http_error', '404', 'There is none']) expect(lost.errors).toContain(part);
  });

  it('of the server is told from what the provider answers', async () => {
    const { run_error } = await output("return (await nango.get({ endpoint: '/x', connectionId: 'nobody' })).data;");
    expect(run_error).toMatchObject({ type: 'script_internal_error', message: expect.stringContaining('nobody') });
    const { run_error: unreachable } = await output("return nango.get({ endpoint: '/x', baseUrlOverride: 'http://127.0.0.1:1' });");
    expect(unreachable.message).not.toBe('');
  });
});

describe('--validate', () => {
  const typed = (body: string) =>
    dryrun(
      {
        [`${KEY}/actions/one.ts`]: action(
          body,
          'input: z.object({ n: z.number().default(1) }), output: z.object({ at: z.iso.datetime(), n: z.number() }),',
        ),
      },
      ['one', CONNECTION, '--validate', ...inputs],
    );
  let inputs: string[] = [];

  it('passes what fits, defaults of the input included', async () => {
    expect(await typed("return { at: '2026-03-01T12:00:00Z', n: 1 };")).toMatchObject({ exitCode: 0 });
  });

  it('names the path of what does not, in input and output', async () => {
    const wrong = await typed("return { at: 'noon', extra: 1 };");
    expect(wrong.exitCode).toBe(12);
    for (const part of ['output · n: is missing', 'output · extra: is not declared', 'output · at: must match format'])
      expect(wrong.errors).toContain(part);
    inputs = ['-i', '{"n":"one"}'];
    expect(await typed('return null;')).toMatchObject({ exitCode: 12, errors: expect.stringContaining('input · n:') });
  });

  it('names model and id of a record', async () => {
    const files = {
      [`${KEY}/syncs/items.ts`]: sync("await nango.batchSave([{ id: 'a', name: 'n' }, { id: 'b', name: 7 as any }], 'Item');"),
    };
    const { exitCode, errors } = await dryrun(files, ['items', CONNECTION, '--validate']);
    expect([exitCode, errors]).toEqual([12, expect.stringContaining('Item · id b · name: must be string')]);
    expect(errors).not.toContain('id a');
  });
});

describe('writes', () => {
  const body = "await nango.post({ endpoint: '/a', data: {} }); await nango.delete({ endpoint: '/b' }); return 1;";

  it('are asked about once at a terminal', async () => {
    const yes = await dryrun(one(body), ['one', CONNECTION], { answers: ['y'] });
    expect(yes).toMatchObject({ exitCode: 0, questions: [expect.stringContaining('POST /a')] });
    const before = stage.upstream.seen.length;
    const no = await dryrun(one(body), ['one', CONNECTION], { answers: ['n'] });
    expect(no).toMatchObject({ exitCode: 12, errors: expect.stringContaining('the answer was no') });
    expect(stage.upstream.seen.length).toBe(before);
    expect(await dryrun(one(body), ['one', CONNECTION, '-y'], { answers: [] })).toMatchObject({ exitCode: 0, questions: [] });
  });

  it('are refused with --read-only, but for allowed paths', async () => {
    const before = stage.upstream.seen.length;
    const refused = await dryrun(one(body), ['one', CONNECTION, '--read-only', '--allow', '/a']);
    expect(refused).toMatchObject({ exitCode: 12, errors: expect.stringContaining('DELETE /b is a write') });
    expect(stage.upstream.seen.slice(before).map(({ path }) => path)).toEqual(['/a']);
    const allowed = await dryrun(one(body), ['one', CONNECTION, '--read-only', '--allow', '/*']);
    expect(allowed.exitCode).toBe(0);
  });
});

describe('what is missing', () => {
  const files = { ...one('return 1;'), [`${KEY}/syncs/one.ts`]: pagedSync, 'other/actions/two.ts': action('return 2;') };

  it('is asked for at a terminal', async () => {
    const { exitCode, questions, output } = await dryrun({ ...one('return 1;') }, [], { answers: ['1', CONNECTION] });
    expect([exitCode, questions.length]).toEqual([0, 2]);
    expect(output).toContain(`${KEY}/one`);
  });

  it.each([
    [[], 'bowline dryrun <name>'],
    [['none', CONNECTION], 'other/two, upstream/one'],
    [['one', CONNECTION], '--type sync or --type action'],
    [['one', '--type', 'action'], CONNECTION],
    [['one', 'nobody', '--type', 'action'], `There is no connection nobody. upstream has ${CONNECTION}`],
    [['two', CONNECTION], 'Connect one first'],
    [['one', CONNECTION, '--type', 'action', '-c', '{"a":{}}'], 'A checkpoint is flat'],
    [['one', CONNECTION, '-l', 'yesterday'], 'no date'],
    [['one', CONNECTION, '-i', '{"a"'], '--input is not JSON'],
    [['one', CONNECTION, '-i', '@none.json'], 'there is no file'],
  ])('is an error that says what there is: %j', async (words, message) => {
    const { exitCode, errors } = await dryrun(files, words);
    expect(errors).toContain(message);
    expect(exitCode).toBe(2);
  });

  it('a function that index.ts forgets is named with the line to add', async () => {
    const { exitCode, errors } = await dryrun({ ...files, 'index.ts': "import './other/actions/two.js';\n" }, ['one', CONNECTION]);
    expect([exitCode, errors]).toEqual([2, expect.stringContaining(`import './${KEY}/actions/one.js';`)]);
  });

  it('--type decides between a sync and an action of one name', async () => {
    expect((await dryrun(files, ['one', CONNECTION, '--type', 'action', '--json'])).json()).toMatchObject({ output: 1 });
    expect((await dryrun(files, ['one', CONNECTION, '--type', 'sync', '--json'])).json()).toMatchObject({ models: { Item: { added: 5 } } });
  });

  it('a wrong key and a server that is not there end with 12', async () => {
    const env = { BOWLINE_HOST: stage.platform.url, BOWLINE_SECRET_KEY_DEV: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' };
    const wrong = await dryrun(one('return 1;'), ['one', CONNECTION], { env });
    expect(wrong).toMatchObject({ exitCode: 12, errors: expect.stringContaining('BOWLINE_SECRET_KEY_DEV') });
    const gone = await dryrun(one('return 1;'), ['one', CONNECTION, '--host', 'http://127.0.0.1:1']);
    expect(gone).toMatchObject({ exitCode: 12, errors: expect.stringContaining('Cannot reach') });
  });
});

it('reads the cache of the server and calls deployed actions; the built command records that, with its key from .env', async () => {
  const stored = sync(
    "await nango.batchSave([{ id: '1', name: 'One' }, { id: '2', name: 'Two' }, { id: '3', name: 'Three' }], 'Item'); await nango.batchDelete([{ id: '2' }], 'Item');",
    'autoStart: true,',
  );
  const files = { [`${KEY}/syncs/stored.ts`]: stored, [`${KEY}/actions/twice.ts`]: action("await nango.log('twice'); return input * 2;") };
  deploy(stage.platform, makeProject(files));
  const list = { providerConfigKey: KEY, connectionId: CONNECTION, model: 'Item' };
  await until('the sync has run', async () => (await stage.platform.nango.listRecords(list)).records.length === 3);
  const again = sync(`
    for await (const { id, name } of nango.listRecords('Item')) await nango.log('has ' + id);
    const known = await nango.getRecordsByIds(['1', '2'], 'Item');
    const name = await nango.triggerAction('${KEY}', '${CONNECTION}', 'twice', 21);
    await nango.batchSave([{ id: 'new', name: name + ' of ' + [...known.keys()] }], 'Item');`);
  const root = makeProject({
    [`${KEY}/syncs/stored.ts`]: again,
    '.env': `BOWLINE_HOST=${stage.platform.url}\nBOWLINE_SECRET_KEY_DEV=${stage.platform.apiKey}\n`,
  });
  const command = (...words: string[]) =>
    spawnSync(process.execPath, [join(platformRoot, 'packages/cli/dist/bowline.js'), ...words], { cwd: tmpdir(), encoding: 'utf8' });
  const ran = command('dryrun', 'stored', CONNECTION, '--cwd', root, '--save', '--validate', '--json');
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ok: true,
    models: { Item: { records: [{ id: 'new', name: '42 of 1' }] } },
    mistakes: [],
    saved: { differences: [], warnings: [] },
  });
  expect(command('test', '--cwd', root).stdout).toContain('1 passed');
  const { records } = await stage.platform.nango.listRecords(list);
  expect(records.map(({ id }) => id)).not.toContain('new');
}, 120_000);
