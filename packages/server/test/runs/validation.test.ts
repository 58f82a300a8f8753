/** What an environment does with values that do not fit the schemas its functions were deployed with. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findWithIntegration } from '../../src/connections/find.ts';
import { findBundle } from '../../src/deployments/code.ts';
import { lookFunction } from '../../src/deployments/find.ts';
import { startOperation } from '../../src/logs/operation.ts';
import { noProgress } from '../../src/runs/context.ts';
import { executeCode } from '../../src/runs/execute.ts';
import { nextRunId } from '../../src/runs/run.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, runOnce, settled, type TestFunction } from '../functions.ts';
import { connect } from '../mcp/client.ts';
import { type Answer, eventually, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let member: Platform['call'];
beforeAll(async () => {
  platform = await startPlatform();
  member = await platform.member();
  await createIntegrations(platform);
  await importConnection(platform, 'c-1');
});
type Mode = 'off' | 'warn' | 'fail';
const set = async (validation: { inputs?: Mode; outputs?: Mode; records?: Mode }) => {
  const { status, body } = await member('PATCH', '/api/environment', { validation });
  expect([status, body.validation]).toEqual([200, expect.objectContaining(validation)]);
};
beforeEach(() => set({ inputs: 'off', outputs: 'off', records: 'off' }));

const object = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const text = { type: 'string' };
const number = { type: 'number' };
const noted = object({ id: text, title: text, size: number, owner: object({ name: text, mail: text }) });
const note = { id: '1', title: 'A', size: 1, owner: { name: 'Ada', mail: 'a@b' } };

const schema = (definitions: Record<string, object>, input?: string) => ({
  ...(input ? { input } : {}),
  models_json_schema: { definitions },
});
const greet: TestFunction = {
  type: 'action',
  name: 'greet',
  exec: `await nango.log('called'); return input.broken ? { greeting: 7 } : { greeting: 'Hello ' + input.name };`,
  models: ['ActionOutput_key_greet'],
  more: schema(
    {
      ActionInput_key_greet: object({ name: text, broken: { type: 'boolean' } }, ['name']),
      ActionOutput_key_greet: object({ greeting: text }),
    },
    'ActionInput_key_greet',
  ),
};
const call = (name: string, input: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  platform.call(
    'POST',
    '/action/trigger',
    { action_name: name, input },
    { 'connection-id': 'c-1', 'provider-config-key': 'key', ...headers },
  );

/** The newest ended operation of a function, with the messages of the platform and the function. */
async function log(name: string, more = ''): Promise<{ operation: Json; lines: string[] }> {
  const { id } = await eventually(async () => {
    await platform.world.journal.flush();
    const { body } = await platform.call('GET', `/logs/operations?function=${name}&limit=1${more}`);
    const [newest] = body.operations;
    return newest?.ended_at ? newest : undefined;
  }, `${name} is in the log`);
  const { body } = await platform.call('GET', `/logs/operations/${id}`);
  return { operation: body.operation, lines: body.messages.map(({ level, message }: Json) => `${level}: ${message}`) };
}

test('nothing is checked unless it is asked for, and a wrong setting is refused', async () => {
  await deploy(platform, [greet]);
  expect(await call('greet', { name: 7 })).toMatchObject({ status: 200, body: { greeting: 'Hello 7' } });
  expect((await log('greet')).lines).toEqual(['info: called']);
  expect((await member('PATCH', '/api/environment', { validation: { inputs: 'loud' } })).status).toBe(400);
});

describe('the input of an action', () => {
  beforeAll(() => deploy(platform, [greet]));

  test('warn: a line tells what was expected where, without the value, and the function runs', async () => {
    await set({ inputs: 'warn' });
    expect(await call('greet', { name: 4711, nickname: 'x' })).toMatchObject({ status: 200, body: { greeting: 'Hello 4711' } });
    const { operation, lines } = await log('greet');
    expect(operation.state).toBe('success');
    expect(lines.slice().sort()).toEqual([
      'info: called',
      'warn: The input: name must be string. It goes on, as this environment only warns.',
      'warn: The input: nickname is not declared. It goes on, as this environment only warns.',
    ]);
    expect(JSON.stringify(lines)).not.toContain('4711');
  });

  test('fail: the caller is told what is wrong, and the function is not called', async () => {
    await set({ inputs: 'fail' });
    const { status, body } = await call('greet', { name: 7 });
    expect([status, body.error]).toEqual([
      400,
      expect.objectContaining({
        code: 'invalid_action_input',
        message: 'The input: name must be string',
        payload: { mistakes: [{ model: 'ActionInput_key_greet', path: 'name', message: 'must be string' }] },
      }),
    ]);
    const { operation, lines } = await log('greet');
    expect([operation.state, lines]).toEqual(['failed', ['error: The input: name must be string']]);
    expect((await call('greet', { name: 'Ada' })).body).toEqual({ greeting: 'Hello Ada' });
    expect((await call('greet', null)).body.error).toMatchObject({ code: 'invalid_action_input', message: 'The input: name is missing' });
  });

  test('fail: an asynchronous call answers so where its result is asked for, and an invocation too', async () => {
    await set({ inputs: 'fail' });
    const started = await call('greet', { name: 7 }, { 'x-async': 'true', 'x-max-retries': '3' });
    expect(started.status).toBe(202);
    const result = await eventually(async () => {
      const answer = await platform.call('GET', started.body.statusUrl);
      return answer.status === 404 ? undefined : answer;
    }, 'the action has ended');
    expect(result).toMatchObject({ status: 400, body: { error: { code: 'invalid_action_input' } } });
    expect((await log('greet')).lines).toHaveLength(1); // the same input is not tried again
    const invocation = { connection_id: 'c-1', integration_id: 'key', name: 'greet', input: {}, invocation_type: 'wait' };
    expect((await platform.call('POST', '/functions/invocations', invocation)).body.error.code).toBe('invalid_action_input');
  });

  test('fail: a tool of MCP answers with the mistake', async () => {
    await set({ inputs: 'fail' });
    const client = await connect(platform);
    const told: unknown = await client.callTool({ name: 'greet', arguments: { name: 7 } }).catch((error: unknown) => error);
    expect(JSON.stringify(told instanceof Error ? told.message : told)).toContain('name must be string');
    const fine = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(JSON.stringify(fine.content)).toContain('Hello Ada');
  });

  test('fail: an action that another one calls is refused to it', async () => {
    await set({ inputs: 'fail' });
    await deploy(platform, [
      greet,
      {
        type: 'action',
        name: 'caller',
        exec: `try { await nango.triggerAction('key', 'c-1', 'greet', {}) } catch (error) { return error.message }`,
      },
    ]);
    expect((await call('caller', {})).body).toContain('name is missing');
  });

  test('what nobody declared is not checked', async () => {
    await set({ inputs: 'fail', outputs: 'fail' });
    await deploy(platform, [{ type: 'action', name: 'free', exec: 'return input' }]);
    expect((await call('free', { anything: 1 })).body).toEqual({ anything: 1 });
  });
});

describe('the output of an action', () => {
  beforeAll(() => deploy(platform, [greet]));

  test('warn: it is answered, with a line in the log', async () => {
    await set({ outputs: 'warn' });
    expect(await call('greet', { broken: true })).toMatchObject({ status: 200, body: { greeting: 7 } });
    expect((await log('greet')).lines).toEqual([
      'info: called',
      'warn: The output: greeting must be string. It goes on, as this environment only warns.',
    ]);
  });

  test('fail: it is not answered, and the run has failed', async () => {
    await set({ outputs: 'fail' });
    expect(await call('greet', { broken: true })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_action_output', message: 'The output: greeting must be string' } },
    });
    expect((await log('greet')).operation).toMatchObject({ state: 'failed', error: 'The output: greeting must be string' });
  });
});

describe('records', () => {
  let count = 0;
  /** Deploys a sync with this code, runs it once more, and tells how that went. */
  async function sync(exec: string, more: object = schema({ Item: noted })): Promise<{ name: string; operation: Json; lines: string[] }> {
    const name = `sync-${++count}`;
    await deploy(platform, [{ name, exec, more }]);
    await settled(platform, 'c-1', name);
    return { name, ...(await log(name)) };
  }
  const saved = async () => (await recordsOf(platform, 'c-1')).map(({ _nango_metadata, ...record }) => record);
  const clear = () => sync(`await nango.batchDelete([{ id: '1' }, { id: '2' }, { id: '3' }], 'Item')`);
  const text = (value: unknown) => JSON.stringify(value);

  test('warn: wrong ones are saved, and each kind of mistake has one line with the first record', async () => {
    await set({ records: 'warn' });
    const records = Array.from({ length: 30 }, (_, n) => ({
      ...note,
      id: String(n),
      ...(n > 1 ? { size: 'large' } : {}),
      ...(n === 7 ? { title: 1 } : {}),
    }));
    const { operation, lines } = await sync(`await nango.batchSave(${text(records)}, 'Item')`);
    expect(operation.state).toBe('success');
    expect(lines).toEqual([
      'warn: Record "2" of Item: size must be number. It goes on, as this environment only warns.',
      'warn: Record "7" of Item: title must be string. It goes on, as this environment only warns.',
      'warn: 27 more mistakes were found that have no line of their own',
    ]);
    expect(await saved()).toHaveLength(30);
  });

  test('warn: however many kinds there are, a run has twenty lines of them', async () => {
    await set({ records: 'warn' });
    const wrong = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`field${n}`, n]));
    const batches = [0, 20].map((from) => Object.fromEntries(Object.entries(wrong).slice(from, from + 15)));
    const { lines } = await sync(
      batches.map((more) => `await nango.batchSave([${text({ ...note, id: '1', ...more })}], 'Item');`).join('\n'),
    );
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe('warn: 10 more mistakes were found that have no line of their own');
  });

  test('fail: nothing of the chunk is saved, the run fails and says which record', async () => {
    await clear();
    const before = await saved();
    await set({ records: 'fail' });
    const { operation } = await sync(`await nango.batchSave([${text(note)}, ${text({ ...note, id: '2', size: 'x', owner: {} })}], 'Item')`);
    expect(operation).toMatchObject({ state: 'failed', meta: { error_type: 'invalid_sync_record' } });
    expect(operation.error).toContain('Record "2" of Item: owner.name is missing');
    expect(operation.error).toContain('Nothing of this chunk of 2 was saved');
    expect(await saved()).toEqual(before);
  });

  test('fail: a function may catch it and go on, and what fits is saved', async () => {
    await set({ records: 'fail' });
    const { operation, lines } = await sync(`
      try { await nango.batchSave([${text({ id: 'wrong' })}], 'Item') } catch (error) { await nango.log(error.type, { level: 'warn' }) }
      await nango.batchSave([${text({ ...note, id: 'right' })}], 'Item')`);
    expect([operation.state, lines]).toEqual(['success', ['warn: invalid_sync_record']]);
    const ids = (await saved()).map(({ id }) => id);
    expect(ids).toContain('right');
    expect(ids).not.toContain('wrong');
  });

  test('fail: an update is held to what it gives, deep fields included, and not to what it leaves out', async () => {
    await set({ records: 'fail' });
    const first = `await nango.batchSave([${text(note)}], 'Item');`;
    expect((await sync(`${first} await nango.batchUpdate([{ id: '1', owner: { name: 'Bob' } }], 'Item')`)).operation.state).toBe('success');
    expect((await saved()).find(({ id }) => id === '1')).toEqual({ ...note, owner: { name: 'Bob', mail: 'a@b' } });
    const wrong = await sync(`await nango.batchUpdate([{ id: '1', owner: { mail: 5 } }], 'Item')`);
    expect(wrong.operation.error).toContain('The update of record "1" of Item: owner.mail must be string');
    expect((await saved()).find(({ id }) => id === '1')).toMatchObject({ owner: { mail: 'a@b' } });
  });

  test('fail: a deleted record is named by its id, whatever else is said of it', async () => {
    await set({ records: 'fail' });
    const { operation } = await sync(
      `await nango.batchSave([${text(note)}], 'Item'); await nango.batchDelete([{ id: '1', gone: true }], 'Item')`,
    );
    expect(operation.state).toBe('success');
  });

  test('fail: a variant is held to the model of its sync', async () => {
    await set({ records: 'fail' });
    const exec = `await nango.batchSave([nango.variant === 'base' ? ${text(note)} : { id: '1' }], 'Item')`;
    const { name, operation } = await sync(exec);
    expect(operation.state).toBe('success');
    const here = { provider_config_key: 'key', connection_id: 'c-1' };
    expect((await platform.call('POST', `/sync/${name}/variant/eu`, here)).status).toBe(200);
    await settled(platform, 'c-1', `${name}::eu`);
    expect((await log(name, '&state=failed')).operation).toMatchObject({
      error: expect.stringContaining('Record "1" of Item: title is missing'),
    });
  });

  test('the metadata that a sync declares is looked at before it runs, and other syncs may have theirs beside it', async () => {
    const more = schema({ Item: noted, SyncMetadata_key: object({ board: text }) }, 'SyncMetadata_key');
    await set({ inputs: 'fail' });
    const { name, operation, lines } = await sync(`await nango.log('called')`, more);
    expect(operation).toMatchObject({ state: 'failed', error: 'The metadata of the connection: board is missing' });
    expect(lines.join()).not.toContain('called');
    await platform.call('POST', '/connections/metadata', {
      ...{ provider_config_key: 'key', connection_id: 'c-1' },
      metadata: { board: 'b', other: 1 },
    });
    await runOnce(platform, 'c-1', name);
    expect((await log(name)).lines).toContain('info: called');
  });

  test('fail: a schema that cannot be used fails the run and says so; warn: it is told, and all is saved', async () => {
    const more = schema({ Item: { $ref: '#/definitions/Nowhere' } });
    await set({ records: 'warn' });
    const warned = await sync(`await nango.batchSave([{ id: '5' }], 'Item'); await nango.batchSave([{ id: '6' }], 'Item')`, more);
    expect([warned.operation.state, warned.lines]).toEqual([
      'success',
      [expect.stringContaining('warn: Record could not be checked. The schema of Item cannot be used')],
    ]);
    await set({ records: 'fail' });
    expect((await sync(`await nango.batchSave([{ id: '7' }], 'Item')`, more)).operation.error).toContain(
      'The schema of Item cannot be used',
    );
  });

  test('fail: what the handler of a webhook saves is held to the same models', async () => {
    await set({ records: 'fail' });
    const name = 'hooked';
    const js = `const { createSync } = require('bowline');
      exports.default = createSync({ exec: async () => {}, onWebhook: async (nango, payload) => { await nango.batchSave([payload], 'Item') } });`;
    await deploy(platform, [{ name, autoStart: false, more: { ...schema({ Item: noted }), fileBody: { js, ts: '// hooked' } } }]);
    const { world } = platform;
    const scope = await platform.scopeOf('dev');
    const target = await findWithIntegration(world, scope, { providerConfigKey: 'key', connectionId: 'c-1' });
    const fn = await lookFunction(world, scope, { integrationId: target.integration.id, type: 'sync', name });
    if (!fn) throw new Error('not deployed');
    const handle = async (payload: object) => {
      const operation = startOperation(world, scope, { type: 'webhook', action: 'run', title: name });
      const context = {
        ...target, world, scope, fn, operation,
        runId: await nextRunId(world.db), variant: 'base', checkpointKey: `webhook:${name}`, hasRecords: true,
        signal: new AbortController().signal, ...noProgress(),
      }; // biome-ignore format: a table
      return executeCode(context, await findBundle(world, scope, fn), { kind: 'webhook', timeoutMs: 60_000, payload });
    };
    expect(await handle({ id: 'hook-1' })).toMatchObject({ ok: false, error: { type: 'invalid_sync_record' } });
    expect(await handle({ ...note, id: 'hook-2' })).toMatchObject({ ok: true });
    const ids = (await saved()).map(({ id }) => id);
    expect(ids.filter((id) => String(id).startsWith('hook'))).toEqual(['hook-2']);
  });
});

test('another environment is not concerned', async () => {
  await set({ inputs: 'fail' });
  const prod = await platform.member('prod');
  expect((await prod('GET', '/api/environment')).body.validation).toEqual({ inputs: 'off', outputs: 'off', records: 'off' });
});
