import { Nango } from '@nangohq/node';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { templates } from '../../../../scripts/build.mjs';
import { one } from '../../src/base/database.ts';
import { purgeJobs } from '../../src/deployments/job.ts';
import { createIntegrations, importConnection } from '../connections/fixture.ts';
import { deploy, recordsOf, settled } from '../functions.ts';
import { eventually, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
let client: Nango;
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

beforeAll(async () => {
  await templates({ entry: 'packages/cli/src/templates.ts', output: 'examples/integrations/dist/templates.json' });
  platform = await startPlatform();
  client = new Nango({ host: platform.url, secretKey: platform.apiKey });
  await createIntegrations(platform);
  for (const unique_key of ['own', 'open2']) await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' });
  for (const unique_key of ['github', 'github2'])
    await platform.call('POST', '/integrations', {
      unique_key,
      provider: 'github',
      credentials: { type: 'OAUTH2', client_id: 'a', client_secret: 'b' },
    });
  await importConnection(platform, 'c-1', { provider_config_key: 'own', credentials: { type: 'NONE' } });
});

const action = (exec: string, version = '') => `import { createAction } from 'nango';
import * as z from 'zod';
export default createAction({
  description: 'Answers',
  ${version && `version: '${version}',`}
  input: z.object({ name: z.string().describe('whom') }),
  output: z.object({ text: z.string() }),
  exec: async (nango, input): Promise<{ text: string }> => { ${exec} },
});`;
const sync = (...models: string[]) => `import { createSync } from '@nangohq/runner-sdk';
import * as z from 'zod';
const Item = z.object({ id: z.string() });
export default createSync({
  description: 'Keeps', frequency: 'every hour', autoStart: true, syncType: 'full',
  models: { ${models.map((model) => `${model}: Item`).join(', ')} },
  exec: async (nango) => { ${models.map((model) => `await nango.batchSave([{ id: '1' }], '${model}');`).join(' ')} },
});`;

const start = (more: object = {}) =>
  platform.call('POST', '/functions/deployments', {
    type: 'function',
    integration_id: 'own',
    function_name: 'greet',
    function_type: 'action',
    code: action(`return { text: 'hello ' + input.name };`),
    ...more,
  });
async function ended(more: object = {}): Promise<Json> {
  const { status, body } = await start(more);
  expect([status, body]).toEqual([202, { id: expect.any(String), status: 'waiting', created_at: expect.stringMatching(/Z$/) }]);
  return eventually(async () => {
    const answer = await platform.call('GET', `/functions/deployments/${body.id}`);
    return answer.body.completed_at && answer.body;
  }, 'the deployment has ended');
}
const call = (name: string, input: unknown) =>
  platform.call('POST', '/action/trigger', { action_name: name, input }, { 'connection-id': 'c-1', 'provider-config-key': 'own' });

describe('a function deployed from its source', () => {
  test('is compiled, runs, and is shown with its definition', async () => {
    const job = await ended();
    expect(job).toMatchObject({
      status: 'success',
      integration_id: 'own',
      function_type: 'action',
      function_name: 'greet',
      deployed: true,
      deployed_functions: [{ name: 'greet', version: '1' }],
      duration_ms: expect.any(Number),
    });
    expect(await call('greet', { name: 'you' })).toMatchObject({ status: 200, body: { text: 'hello you' } });
    const { data } = await client.getFunction({ uniqueKey: 'own', name: 'greet' });
    expect(data).toMatchObject({
      source: 'standalone',
      description: 'Answers',
      input: 'ActionInput_own_greet',
      returns: ['ActionOutput_own_greet'],
      json_schema: {
        definitions: { ActionInput_own_greet: { properties: { name: { type: 'string', description: 'whom' } }, required: ['name'] } },
      },
    });
    expect((await client.getFunctionCode({ uniqueKey: 'own', name: 'greet' })).code).toContain('createAction');
  });

  test('takes a new version when its code changes, or the one that is given', async () => {
    const versionOf = async (more: object) => (await ended({ function_name: 'versioned', ...more })).deployed_functions[0].version;
    expect(await versionOf({ code: action(`return { text: '1' };`) })).toBe('1');
    expect(await versionOf({ code: action(`return { text: '2' };`) })).toBe('2');
    expect(await versionOf({ code: action(`return { text: '3' };`, '4.0.0') })).toBe('4.0.0');
    expect(await versionOf({ code: action(`return { text: '3' };`, '4.0.0'), version: '5.1.0' })).toBe('5.1.0');
  });

  test('as a sync starts on the connections there are, and loses no model unasked', async () => {
    const where = { connection: 'c-1', integration: 'own' };
    const keep = { function_name: 'keep', function_type: 'sync' };
    expect(await ended({ ...keep, code: sync('First', 'Second') })).toMatchObject({ status: 'success' });
    await settled(platform, where, 'keep');
    expect(await recordsOf(platform, where, '', 'Second')).toHaveLength(1);
    expect(await ended({ ...keep, code: sync('First') })).toMatchObject({
      status: 'failed',
      deployed: false,
      deployed_functions: [],
      error: { code: 'invalid_request', message: expect.stringContaining('Second'), payload: { models: ['Second'] } },
    });
    expect((await client.getFunction({ uniqueKey: 'own', name: 'keep' })).data).toMatchObject({ returns: ['First', 'Second'] });
    expect(await ended({ ...keep, code: sync('First'), allow_destructive: true })).toMatchObject({ status: 'success' });
    expect((await client.getFunction({ uniqueKey: 'own', name: 'keep' })).data).toMatchObject({ returns: ['First'] });
  });

  test('that does not compile fails with its place, and changes nothing', async () => {
    expect(await ended({ code: 'export default {\n  a: ,\n};' })).toMatchObject({
      status: 'failed',
      error: { code: 'compilation_error', message: expect.stringMatching(/^function\.ts:2:6/), payload: { diagnostics: [{ line: 2 }] } },
    });
    expect(await ended({ function_type: 'sync', function_name: 'wrong' })).toMatchObject({
      status: 'failed',
      error: { code: 'compilation_error', message: expect.stringContaining('is an action') },
    });
    expect(await call('greet', { name: 'you' })).toMatchObject({ status: 200 });
    expect(await platform.call('GET', '/integrations/own/functions/wrong')).toMatchObject(failure(404, 'not_found'));
  });

  test('in the job table is forgotten once it has ended', async () => {
    const job = await ended();
    const row = await one(platform.world.db, sql<{ request: unknown }>`select request from function_jobs where id = ${job.id}`);
    expect(row).toEqual({ request: null });
    await purgeJobs(platform.world);
    expect((await platform.call('GET', `/functions/deployments/${job.id}`)).status).toBe(200);
    const later = new Date(Date.now() + 15 * 24 * 3600_000);
    await purgeJobs({ ...platform.world, clock: { now: () => later } });
    expect(await platform.call('GET', `/functions/deployments/${job.id}`)).toMatchObject(failure(404, 'deployment_not_found'));
  });
});

describe('the catalogue', () => {
  test('lists the functions of a provider, actions before syncs', async () => {
    const { data } = await client.getProviderTemplates({ provider: 'github' });
    const names = data.map(({ type, name }) => `${type} ${name}`);
    expect(names).toEqual(expect.arrayContaining(['action create-issue', 'action whoami', 'sync issues', 'sync labels']));
    expect(names).toEqual(names.toSorted());
    const called = (wanted: string) => data.find(({ name }) => name === wanted);
    expect(called('create-issue')).toMatchObject({
      description: 'Creates an issue in a repository',
      scopes: ['repo'],
      input: 'ActionInput_github_createissue',
      returns: ['ActionOutput_github_createissue'],
      json_schema: { definitions: { ActionInput_github_createissue: { properties: { repo: { description: 'owner/name' } } } } },
    });
    expect(called('create-issue')).not.toHaveProperty('runs');
    expect(called('issues')).toMatchObject({
      runs: expect.stringContaining('every'),
      auto_start: expect.any(Boolean),
      track_deletes: expect.any(Boolean),
    });
    for (const provider of ['unauthenticated', 'nobody-knows'])
      expect(await client.getProviderTemplates({ provider })).toEqual({ data: [] });
  });

  const template = (more: object = {}) =>
    platform.call('POST', '/functions/deployments', { type: 'template', integration_id: 'github', template: 'issues', ...more });

  test('is deployed from at once, and only once', async () => {
    const { status, body } = await template();
    expect([status, body]).toMatchObject([202, { status: 'success' }]);
    expect((await platform.call('GET', `/functions/deployments/${body.id}`)).body).toMatchObject({
      status: 'success',
      function_name: 'issues',
      function_type: 'sync',
      deployed: true,
      deployed_functions: [{ name: 'issues' }],
    });
    expect((await client.getFunction({ uniqueKey: 'github', name: 'issues' })).data).toMatchObject({ source: 'catalog', type: 'sync' });
    expect(await template()).toMatchObject(failure(409, 'template_already_deployed'));
    expect(await template({ integration_id: 'github2' })).toMatchObject({ status: 202 });
    await client.deleteFunction({ uniqueKey: 'github', name: 'issues' }, { type: 'sync' });
    expect(await template()).toMatchObject({ status: 202 });
  });

  test.each([
    [{ template: 'nothing' }, 404, 'template_not_found'],
    [{ function_type: 'action' }, 404, 'template_not_found'],
    [{ integration_id: 'own' }, 404, 'template_not_found'],
    [{ integration_id: 'nothing' }, 404, 'integration_not_found'],
    [{ code: 'x' }, 400, 'invalid_body'],
  ])('refuses %j with %i %s', async (more, status, code) => {
    expect(await template(more)).toMatchObject(failure(status, code));
  });

  test('keeps a single function from replacing what came from it', async () => {
    await template({ template: 'whoami' });
    const own = { integration_id: 'github', function_name: 'whoami' };
    expect(await start(own)).toMatchObject(failure(400, 'invalid_request'));
  });
});

describe('refuses', () => {
  test.each([
    [{ integration_id: 'nothing' }, 404, 'integration_not_found'],
    [{ integration_id: '..' }, 400, 'invalid_body'],
    [{ function_type: 'on-event' }, 400, 'invalid_body'],
    [{ function_name: 'a b' }, 400, 'invalid_body'],
    [{ code: '' }, 400, 'invalid_body'],
    [{ surprise: 1 }, 400, 'invalid_body'],
  ])('%j with %i %s', async (more, status, code) => {
    expect(await start(more)).toMatchObject(failure(status, code));
  });

  test('the name of a function that a repository deploys', async () => {
    await deploy(platform, [{ name: 'from-repo', integration: 'own', type: 'action' }]);
    expect(await start({ function_name: 'from-repo' })).toMatchObject(failure(400, 'invalid_request'));
  });

  test('who has not the right, who asks for what another environment deployed, and who says he is a sandbox', async () => {
    const authorization = `Bearer ${await platform.keyOf('dev', ['environment:functions:compile'])}`;
    expect(await platform.call('POST', '/functions/deployments', {}, { authorization })).toMatchObject(failure(403, 'forbidden'));
    const { id } = await ended();
    const other = { authorization: `Bearer ${await platform.keyOf('prod')}` };
    expect(await platform.call('GET', `/functions/deployments/${id}`, undefined, other)).toMatchObject(
      failure(404, 'deployment_not_found'),
    );
    const report = { status: 'success', output: '' };
    expect(await platform.call('POST', `/functions/deployments/${id}/result`, report)).toMatchObject(failure(403, 'forbidden'));
  });
});

test('a deployment whose process died is taken up again, and ends once', async () => {
  const scope = await platform.scopeOf('dev');
  const { body } = await start({ function_name: 'again' });
  await eventually(async () => (await platform.call('GET', `/functions/deployments/${body.id}`)).body.completed_at, 'it has ended');
  // As a process leaves it that was killed while it compiled: running, its job still in the queue.
  await sql`update function_jobs set state = 'running', ended_at = null, result = null,
              request = ${JSON.stringify({ type: 'function', integration_id: 'own', function_name: 'again', function_type: 'action', code: action(`return { text: 'second' };`), allow_destructive: false })}::json
             where id = ${body.id}`.execute(platform.world.db);
  const { deployFunctionJob } = await import('../../src/deployments/jobs.ts');
  const run = () =>
    deployFunctionJob(platform.world)(
      { environmentId: scope.environment.id, jobId: body.id },
      { attempt: 2, signal: new AbortController().signal },
    );
  await run();
  await run();
  expect((await platform.call('GET', `/functions/deployments/${body.id}`)).body).toMatchObject({
    status: 'success',
    deployed_functions: [{ name: 'again', version: '2' }],
  });
});
