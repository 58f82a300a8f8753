import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { one } from '../../src/base/database.ts';
import { dryRunJob } from '../../src/dry-runs/jobs.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';
import { json, startUpstream, type Upstream } from '../upstream.ts';

let platform: Platform;
let upstream: Upstream;
let requests: string[] = [];
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/items', (request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers['x-key']}`);
    json(response, [{ id: '1' }, { id: '2' }]);
  });
  platform = await startPlatform({ allow: [`127.0.0.1:${upstream.port}`] });
  await createIntegrations(platform, upstream.url);
  await importConnection(platform, 'c-1', { metadata: { of: 'the connection' } });
});
beforeEach(() => {
  requests = [];
});

const action = (exec: string, before = '') => `import { createAction } from 'nango';
import * as z from 'zod';
${before}
export default createAction({ description: 'd', input: z.any(), output: z.any(), exec: async (nango, input): Promise<any> => { ${exec} } });`;
const sync = (exec: string) => `import { createSync } from 'nango';
import * as z from 'zod';
export default createSync({ description: 'd', frequency: 'every hour', autoStart: true, syncType: 'full',
  models: { Item: z.object({ id: z.string() }) }, exec: async (nango) => { ${exec} } });`;

const start = (more: object) =>
  platform.call('POST', '/functions/dryruns', { integration_id: 'key', function_type: 'action', connection_id: 'c-1', ...more });
async function rehearse(more: object): Promise<Json> {
  const { status, body } = await start(more);
  expect([status, body]).toEqual([202, { id: expect.any(String), status: 'waiting', created_at: expect.stringMatching(/Z$/) }]);
  return eventually(async () => {
    const answer = await platform.call('GET', `/functions/dryruns/${body.id}`);
    return answer.body.completed_at && answer.body;
  }, 'the dry run has ended');
}
const rehearseSync = (exec: string, more: object = {}) => rehearse({ function_type: 'sync', code: sync(exec), ...more });

describe('an action', () => {
  test('gets its input, really asks its provider, and answers with what it returns and its log', async () => {
    const code = action(
      `await nango.log('asking', { for: input.a }); const { data } = await nango.get({ endpoint: '/items' }); return { a: input.a, items: data.length };`,
    );
    const job = await rehearse({ code, input: { a: 1 } });
    expect(job).toMatchObject({
      status: 'success',
      integration_id: 'key',
      function_type: 'action',
      result: { a: 1, items: 2 },
      duration_ms: expect.any(Number),
      output: expect.stringMatching(/INFO asking \{"for":1\}\n.*GET .*\/items → 200/),
    });
    expect(requests).toEqual(['GET /items key of c-1']);
    expect(job.output).not.toContain('key of c-1');
  });

  test('that fails tells how, with what it logged before', async () => {
    expect(
      await rehearse({ code: action(`await nango.log('before'); throw new nango.ActionError({ message: 'no such city' });`) }),
    ).toMatchObject({
      status: 'failed',
      error: { code: 'dryrun_error', payload: { type: 'action_script_runtime_error', payload: { message: 'no such city' } } },
      output: expect.stringContaining('INFO before'),
    });
    expect(await rehearse({ code: 'export default {' })).toMatchObject({ status: 'failed', error: { code: 'compilation_error' } });
    expect(await rehearse({ code: sync(''), function_type: 'action' })).toMatchObject({
      status: 'failed',
      error: { code: 'compilation_error', message: expect.stringContaining('is a sync') },
    });
  });

  test('sees the metadata of its connection, or what it was given', async () => {
    const code = action('return await nango.getMetadata();');
    expect((await rehearse({ code })).result).toEqual({ of: 'the connection' });
    expect((await rehearse({ code, metadata: { of: 'the request' } })).result).toEqual({ of: 'the request' });
  });
});

describe('a sync', () => {
  test('shows what it would store, and stores nothing', async () => {
    const before = await stored();
    const job = await rehearseSync(`
      const { data } = await nango.get({ endpoint: '/items' });
      await nango.batchSave(data, 'Item');
      await nango.batchUpdate([{ id: '2', more: true }], 'Item');
      await nango.batchDelete([{ id: '1' }], 'Item');
      await nango.saveCheckpoint({ page: 2 });
      await nango.updateMetadata({ seen: true });`);
    expect(job).toMatchObject({ status: 'success', output: expect.stringContaining('Item: 2 records would be saved') });
    expect(job.result).toEqual({
      models: { Item: { added: 2, updated: 1, deleted: 1, records: [{ id: '2', more: true }], deleted_ids: ['1'] } },
      checkpoint: { page: 2 },
      metadata: { of: 'the connection', seen: true },
    });
    expect(await stored()).toEqual(before);
  });

  test('goes on from the checkpoint and the date it is given', async () => {
    const code = `const checkpoint = await nango.getCheckpoint();
      await nango.batchSave([{ id: String(checkpoint?.page), at: nango.lastSyncDate?.toISOString() ?? 'never' }], 'Item');`;
    const last_sync_date = '2026-01-02T03:04:05.000Z';
    const given = await rehearseSync(code, { checkpoint: { page: 7 }, last_sync_date });
    expect(given.result.models.Item.records).toEqual([{ id: '7', at: last_sync_date }]);
    expect((await rehearseSync(code)).result.models.Item.records).toEqual([{ id: 'undefined', at: 'never' }]);
  });

  test('counts records that are too many to show', async () => {
    const { result } = await rehearseSync(
      `await nango.batchSave(Array.from({ length: 30 }, (_, index) => ({ id: String(index), text: 'x'.repeat(100_000) })), 'Item');`,
    );
    expect(result.models.Item.added).toBe(30);
    expect(result.models.Item.records.length + result.models.Item.records_omitted).toBe(30);
    expect(JSON.stringify(result).length).toBeLessThan(2_200_000);
  });

  test('may use only the models it declares', async () => {
    expect(await rehearseSync(`await nango.batchSave([{ id: '1' }], 'Other');`)).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('Other') },
    });
  });
});

/** Whatever a run could leave in the database. */
async function stored(): Promise<Json> {
  return one(
    platform.world.db,
    sql`select (select count(*) from runs) as runs, (select count(*) from record_streams) as streams, (select count(*) from records) as records,
               (select count(*) from checkpoints) as checkpoints, (select count(*) from functions) as functions, (select count(*) from locks) as locks,
               (select json_agg(metadata order by id) from connections) as metadata`,
  );
}

describe('refuses', () => {
  test.each([
    [{ integration_id: 'nothing' }, 404, 'integration_not_found'],
    [{ integration_id: '.' }, 400, 'invalid_body'],
    [{ connection_id: 'nobody' }, 404, 'connection_not_found'],
    [{ function_type: 'on-event' }, 400, 'invalid_body'],
    [{ last_sync_date: 'yesterday' }, 400, 'invalid_body'],
    [{ checkpoint: { deep: { er: 1 } } }, 400, 'invalid_body'],
    [{ surprise: 1 }, 400, 'invalid_body'],
  ])('%j with %i %s', async (more, status, code) => {
    expect(await start({ code: action('return 1;'), ...more })).toMatchObject(failure(status, code));
  });

  test('a key without the right, what another environment started, and who says he is a sandbox', async () => {
    const only = { authorization: `Bearer ${await platform.keyOf('dev', ['environment:deploy'])}` };
    expect(await platform.call('POST', '/functions/dryruns', {}, only)).toMatchObject(failure(403, 'forbidden'));
    const { id } = await rehearse({ code: action('return 1;') });
    const other = { authorization: `Bearer ${await platform.keyOf('prod')}` };
    expect(await platform.call('GET', `/functions/dryruns/${id}`, undefined, other)).toMatchObject(failure(404, 'dryrun_not_found'));
    expect(await platform.call('GET', `/functions/deployments/${id}`)).toMatchObject(failure(404, 'deployment_not_found'));
    expect(await platform.call('POST', `/functions/dryruns/${id}/result`, { status: 'success' })).toMatchObject(failure(403, 'forbidden'));
  });
});

describe('a dry run that is cut short', () => {
  const code = action(`await nango.get({ endpoint: '/items' }); return 1;`);
  const run = async (id: string, signal: AbortSignal) =>
    dryRunJob(platform.world)({ environmentId: (await platform.scopeOf('dev')).environment.id, jobId: id }, { attempt: 2, signal });

  test('by the death of its process is not run again: it ends as failed', async () => {
    const { id } = await rehearse({ code });
    // As a killed process leaves it: running, its job still in the queue.
    const request = { integration_id: 'key', function_type: 'action', connection_id: 'c-1', code };
    await sql`update function_jobs set state = 'running', ended_at = null, result = null, request = ${JSON.stringify(request)}::json
               where id = ${id}`.execute(platform.world.db);
    requests = [];
    await run(id, new AbortController().signal);
    expect((await platform.call('GET', `/functions/dryruns/${id}`)).body).toMatchObject({
      status: 'failed',
      error: { code: 'dryrun_error', message: expect.stringContaining('stopped while') },
    });
    expect(requests).toEqual([]);
  });

  test('by the end of its process ends as failed', async () => {
    const scope = await platform.scopeOf('dev');
    const id = platform.world.random.uuid();
    const request = { integration_id: 'key', function_type: 'action', connection_id: 'c-1', code: action('await new Promise(() => {});') };
    await sql`insert into function_jobs (id, environment_id, kind, integration, function_type, request)
              values (${id}, ${scope.environment.id}, 'dryrun', 'key', 'action', ${JSON.stringify(request)}::json)`.execute(
      platform.world.db,
    );
    const stopping = new AbortController();
    const running = run(id, stopping.signal);
    await eventually(async () => (await platform.call('GET', `/functions/dryruns/${id}`)).body.status === 'running', 'it runs');
    stopping.abort();
    await running;
    expect((await platform.call('GET', `/functions/dryruns/${id}`)).body).toMatchObject({
      status: 'failed',
      error: { code: 'dryrun_error' },
    });
  });
});
