/** Versions, the history of deployments, and the way back: what holds for a caller over HTTP. */
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/base/database.ts';
import { purgeCode } from '../../src/deployments/retention.ts';
import { createIntegrations } from '../connections/fixture.ts';
import { confirm, deploy, flowOf, type TestFunction, tryDeploy } from '../functions.ts';
import { type Answer, type Json, type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ worker: false });
  await createIntegrations(platform);
});

let count = 0;
/** An integration of its own, so that tests do not see each other's functions. */
async function fresh(): Promise<string> {
  const unique_key = `own-${++count}`;
  expect((await platform.call('POST', '/integrations', { unique_key, provider: 'unauthenticated' })).status).toBe(200);
  return unique_key;
}
const action = (integration: string, name: string, exec: string, more: Partial<TestFunction> = {}): TestFunction => ({
  type: 'action',
  integration,
  name,
  exec,
  ...more,
});
const versionsOf = async (integration: string, name: string, query = ''): Promise<Json[]> =>
  (await platform.call('GET', `/integrations/${integration}/functions/${name}/versions?${query}`)).body.data;
const numbers = async (integration: string, name: string) =>
  (await versionsOf(integration, name)).map(({ number, version, current }) => `${number} ${version}${current ? ' runs' : ''}`);
const newest = async (): Promise<Json> => (await platform.call('GET', '/deployments?limit=1')).body.data[0];
const codeOf = async (integration: string, name: string, query = ''): Promise<Json> =>
  (await platform.call('GET', `/integrations/${integration}/functions/${name}/code?${query}`)).body;
const back = (integration: string, name: string, body: object): Promise<Answer> =>
  platform.call('POST', `/integrations/${integration}/functions/${name}/rollback`, body);
const deployed = async (integration: string): Promise<string[]> =>
  (await platform.call('GET', `/integrations/${integration}/functions?limit=100`)).body.data.map(
    ({ type, name, version }: Json) => `${type} ${name} ${version}`,
  );

describe('a version', () => {
  test('is kept with its code, who deployed it and when, and never changes', async () => {
    const key = await fresh();
    await deploy(platform, [action(key, 'one', 'return 1')]);
    const [before] = await versionsOf(key, 'one');
    await deploy(platform, [action(key, 'one', 'return 2')]);
    const [second, first] = await versionsOf(key, 'one');
    expect(first).toEqual({ ...before, current: false });
    expect(second).toMatchObject({
      number: 2,
      version: '2',
      current: true,
      source: 'repo',
      deployed_by: { type: 'api_key', name: expect.any(String) },
      code_kept: true,
    });
    expect(second.code_hash).not.toBe(first.code_hash);
    expect((await codeOf(key, 'one', 'version=1')).code).toBe('// one\nreturn 1');
    expect((await codeOf(key, 'one')).code).toBe('// one\nreturn 2');
  });

  test('is not made of what is there just so; the plan and the answer say that it is unchanged', async () => {
    const key = await fresh();
    const both = [action(key, 'same', 'return 1'), action(key, 'other', 'return 1')];
    await deploy(platform, both);
    const changed = [action(key, 'same', 'return 1'), action(key, 'other', 'return 2')];
    expect((await confirm(platform, changed)).body).toMatchObject({
      updatedActions: [{ name: 'other' }],
      unchanged: [{ name: 'same', type: 'action', providerConfigKey: key }],
    });
    const answer = await deploy(platform, changed);
    expect(answer.map(({ name, version, change }: Json) => `${name} ${version} ${change}`).sort()).toEqual([
      'other 2 updated',
      'same 1 unchanged',
    ]);
    expect(await numbers(key, 'same')).toEqual(['1 1 runs']);
    expect(await newest()).toMatchObject({ kind: 'deploy', unchanged: 1, changes: [{ name: 'other', change: 'updated' }] });
    expect((await confirm(platform, changed)).body).toMatchObject({ updatedActions: [], unchanged: [{}, {}] });
  });

  test.each([
    ['its definition', { more: { metadata: { description: 'Now described' } } }, '2 1 runs'],
    ['its label', { version: '7' }, '2 7 runs'],
  ])('is made when only %s differs', async (_what, more, expected) => {
    const key = await fresh();
    await deploy(platform, [action(key, 'one', 'return 1')]);
    await deploy(platform, [action(key, 'one', 'return 1', more)]);
    expect((await numbers(key, 'one'))[0]).toBe(expected);
  });

  test('is not made by another version of the SDK alone, and is by another source', async () => {
    const key = await fresh();
    const one = [action(key, 'one', 'return 1')];
    await deploy(platform, one, { sdkVersion: '1.0.0-zero' });
    await deploy(platform, one, { sdkVersion: '1.0.1-zero' });
    expect(await numbers(key, 'one')).toEqual(['1 1 runs']);
    await deploy(platform, one, { source: 'standalone' });
    expect(await versionsOf(key, 'one')).toMatchObject([
      { number: 2, source: 'standalone' },
      { number: 1, source: 'repo' },
    ]);
  });

  test('with the label of another one and other code is told apart by its number and its hash', async () => {
    const key = await fresh();
    for (const exec of ['return 1', 'return 2']) await deploy(platform, [action(key, 'one', exec, { version: '1.0.0' })]);
    expect(await numbers(key, 'one')).toEqual(['2 1.0.0 runs', '1 1.0.0']);
    const hashes = (await versionsOf(key, 'one')).map(({ code_hash }) => code_hash);
    expect(new Set(hashes).size).toBe(2);
    expect((await codeOf(key, 'one', 'version=1')).code).toContain('return 1');
  });

  test('counts on when the function was deleted meanwhile, and its history can still be read then', async () => {
    const key = await fresh();
    const standalone = { source: 'standalone' };
    await deploy(platform, [action(key, 'one', 'return 1')], standalone);
    expect((await platform.call('DELETE', `/integrations/${key}/functions/one?type=action`)).status).toBe(200);
    expect(await newest()).toMatchObject({ kind: 'delete', changes: [{ name: 'one', change: 'deleted', from: { number: 1 }, to: null }] });
    expect(await numbers(key, 'one')).toEqual(['1 1']);
    await deploy(platform, [action(key, 'one', 'return 2')], standalone);
    expect(await numbers(key, 'one')).toEqual(['2 2 runs', '1 1']);
  });

  test('is listed a page at a time', async () => {
    const key = await fresh();
    for (const turn of [1, 2, 3]) await deploy(platform, [action(key, 'one', `return ${turn}`)]);
    expect((await versionsOf(key, 'one', 'limit=2')).map(({ number }) => number)).toEqual([3, 2]);
    expect((await versionsOf(key, 'one', 'limit=2&before=2')).map(({ number }) => number)).toEqual([1]);
  });
});

test('a function that is sent twice is deployed once, as it was sent last', async () => {
  const key = await fresh();
  const answer = await deploy(platform, [action(key, 'one', 'return 1'), action(key, 'one', 'return 2')]);
  expect(answer).toMatchObject([{ name: 'one', version: '1' }]);
  expect((await codeOf(key, 'one')).code).toContain('return 2');
});

describe('going back with one function', () => {
  test('gives it code, definition and frequency of then, and makes no version', async () => {
    const key = await fresh();
    const sync = (exec: string, runs: string): TestFunction => ({ name: 'items', integration: key, exec, runs });
    await deploy(platform, [sync('return 1', 'every hour')]);
    await deploy(platform, [sync('return 2', 'every 2 hours')]);
    const preview = await platform.call('POST', `/integrations/${key}/functions/items/rollback/preview`, { version: 1 });
    expect(preview.body.data).toMatchObject({ deployment: null, changes: [{ change: 'rolled_back' }], deletedModels: [] });
    expect((await codeOf(key, 'items')).code).toContain('return 2');
    const { body } = await back(key, 'items', { version: 1 });
    expect(body.data.changes).toEqual([
      {
        change: 'rolled_back',
        integration: key,
        name: 'items',
        type: 'sync',
        from: { number: 2, version: '2' },
        to: { number: 1, version: '1' },
      },
    ]);
    const { data } = (await platform.call('GET', `/integrations/${key}/functions/items`)).body;
    expect(data).toMatchObject({ version: '1', runs: 'every hour' });
    expect(await numbers(key, 'items')).toEqual(['2 2', '1 1 runs']);
    expect(await newest()).toMatchObject({ number: body.data.deployment, kind: 'rollback', target: null, changes: body.data.changes });
  });

  test('to the version that runs changes nothing and is no deployment', async () => {
    const key = await fresh();
    await deploy(platform, [action(key, 'one', 'return 1')]);
    const { number } = await newest();
    expect((await back(key, 'one', { version: 1 })).body.data).toEqual({ deployment: null, changes: [], unchanged: 1, deletedModels: [] });
    expect((await newest()).number).toBe(number);
  });

  test('leaves the others alone, restores a deleted one, and the next deployment goes on from the newest label', async () => {
    const key = await fresh();
    const inKey = { deployMode: 'integration' };
    await deploy(platform, [action(key, 'one', 'return 1'), action(key, 'two', 'return 1')], inKey);
    await deploy(platform, [action(key, 'one', 'return 2')], inKey);
    expect(await deployed(key)).toEqual(['action one 2']);
    expect((await back(key, 'two', { version: 1 })).body.data.changes).toMatchObject([
      { change: 'restored', from: null, to: { number: 1 } },
    ]);
    expect(await deployed(key)).toEqual(['action one 2', 'action two 1']);
    await back(key, 'one', { version: 1 });
    await deploy(platform, [action(key, 'one', 'return 3')]);
    expect(await numbers(key, 'one')).toEqual(['3 3 runs', '2 2', '1 1']);
  });

  test('says which models no sync would keep', async () => {
    const key = await fresh();
    const sync = (models: string[]): TestFunction => ({ name: 'items', integration: key, models });
    await deploy(platform, [sync(['Old'])]);
    await deploy(platform, [sync(['Old', `Only${key}`])]);
    expect((await back(key, 'items', { version: 1 })).body.data.deletedModels).toEqual([`Only${key}`]);
  });
});

describe('going back with everything', () => {
  test('makes all functions as they were after a deployment, deleted ones included, and can itself be undone', async () => {
    const key = await fresh();
    const all = { deployMode: 'integration' };
    await deploy(platform, [action(key, 'kept', 'return 1'), action(key, 'changed', 'return 1'), action(key, 'deleted', 'return 1')], all);
    const then = (await newest()).number;
    await deploy(platform, [action(key, 'kept', 'return 1'), action(key, 'changed', 'return 2'), action(key, 'new', 'return 1')], all);
    const later = (await newest()).number;
    const changes = [
      { name: 'changed', change: 'rolled_back', from: { number: 2 }, to: { number: 1 } },
      { name: 'deleted', change: 'restored', from: null, to: { number: 1 } },
      { name: 'new', change: 'deleted', from: { number: 1 }, to: null },
    ];
    const preview = await platform.call('POST', `/deployments/${then}/rollback/preview`);
    expect(preview.body.data).toMatchObject({ deployment: null, changes });
    expect(await deployed(key)).toEqual(['action changed 2', 'action kept 1', 'action new 1']);
    const { body } = await platform.call('POST', `/deployments/${then}/rollback`);
    expect(body.data).toMatchObject({ deployment: later + 1, changes });
    expect(await deployed(key)).toEqual(['action changed 1', 'action deleted 1', 'action kept 1']);
    expect(await newest()).toMatchObject({ kind: 'rollback', target: then, changes });
    await platform.call('POST', `/deployments/${later}/rollback`);
    expect(await deployed(key)).toEqual(['action changed 2', 'action kept 1', 'action new 1']);
    // To how it was after the rollback itself.
    await platform.call('POST', `/deployments/${later + 1}/rollback`);
    expect(await deployed(key)).toEqual(['action changed 1', 'action deleted 1', 'action kept 1']);
  });

  test('is refused, and changes nothing, where an integration of then is no more; later deployments do not mind', async () => {
    const kept = await fresh();
    const gone = await fresh();
    await deploy(platform, [action(kept, 'one', 'return 1'), action(gone, 'lost', 'return 1')]);
    const then = (await newest()).number;
    await deploy(platform, [action(kept, 'one', 'return 2')]);
    await platform.call('DELETE', `/integrations/${gone}`);
    // Made anew under its key it is another integration.
    await platform.call('POST', '/integrations', { unique_key: gone, provider: 'unauthenticated' });
    await deploy(platform, [action(kept, 'one', 'return 3')]);
    const after = (await newest()).number;
    await deploy(platform, [action(kept, 'one', 'return 4')]);
    const refused = await platform.call('POST', `/deployments/${then}/rollback`);
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'rollback_impossible' } } });
    expect(refused.body.error.message).toContain(`the integration "${gone}" was deleted since (action lost)`);
    expect(await deployed(kept)).toEqual(['action one 4']);
    expect((await platform.call('POST', `/deployments/${after}/rollback`)).status).toBe(200);
    expect(await deployed(kept)).toEqual(['action one 3']);
  });
});

test('deployments that race for one environment count without gaps, and each that is answered is whole', async () => {
  const key = await fresh();
  const { number } = await newest();
  const names = ['a', 'b', 'c'];
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, turn) =>
      tryDeploy(
        platform,
        names.map((name) => action(key, name, `return ${turn}`)),
      ),
    ),
  );
  const done = answers.filter(({ status }) => status === 200);
  expect(done.length).toBeGreaterThan(0);
  expect(answers.filter(({ status }) => status !== 200).every(({ body }) => body.error.code === 'concurrent_deployment')).toBe(true);
  const since = (await platform.call('GET', `/deployments?limit=${done.length}`)).body.data;
  expect(since.map((one: Json) => one.number)).toEqual(done.map((_, index) => number + done.length - index));
  const codes = await Promise.all(names.map(async (name) => (await codeOf(key, name)).code.split('\n')[1]));
  expect(new Set(codes).size).toBe(1);
  expect(await numbers(key, 'a')).toHaveLength(done.length);
});

test('a member of the dashboard stands in the history by name', async () => {
  const key = await fresh();
  for (const exec of ['return 1', 'return 2']) await deploy(platform, [action(key, 'one', exec)]);
  const member = await platform.member();
  expect((await member('POST', `/integrations/${key}/functions/one/rollback`, { version: 1 })).status).toBe(200);
  expect((await newest()).deployed_by).toEqual({ type: 'member', name: expect.stringMatching(/./) });
});

test('of versions that are old, ran long ago and are not among the last 50 the code goes and the history stays', async () => {
  const key = await fresh();
  const { db } = platform.world;
  const files = (turn: number) => ({ 'shared/all.ts': 'export const all = 1;', 'shared/own.ts': `export const own = ${turn};` });
  const withFiles = (turn: number) => {
    const { fileBody } = flowOf(action(key, 'one', `return ${turn}`));
    return action(key, 'one', `return ${turn}`, { more: { fileBody: { ...fileBody, files: files(turn) } } });
  };
  for (let turn = 1; turn <= 53; turn++) await deploy(platform, [withFiles(turn)]);
  await back(key, 'one', { version: 2 });
  const kept = async () =>
    (await Promise.all([1, 2].map((n) => versionsOf(key, 'one', `limit=${n === 1 ? 50 : 3}&before=${n === 1 ? 54 : 4}`)))).flat();
  await purgeCode(platform.world);
  expect((await kept()).every(({ code_kept }) => code_kept)).toBe(true);
  await run(db, sql`update function_versions set created_at = created_at - interval '91 days' where name = 'one'`);
  await purgeCode(platform.world);
  expect(
    (await kept()).every(({ code_kept }) => code_kept),
    'all of them ran within the last 90 days',
  ).toBe(true);
  await run(db, sql`update deployments set created_at = created_at - interval '91 days'`);
  await purgeCode(platform.world);
  expect((await kept()).filter(({ code_kept }) => !code_kept).map(({ number }) => number)).toEqual([3, 1]);
  expect((await codeOf(key, 'one')).files).toEqual(files(2));
  expect((await codeOf(key, 'one', 'version=53')).files).toEqual(files(53));
  expect(await back(key, 'one', { version: 1 })).toMatchObject({ status: 409, body: { error: { code: 'rollback_impossible' } } });
  expect(await platform.call('GET', `/integrations/${key}/functions/one/code?version=1`)).toMatchObject({ status: 404 });
});

describe('the files that a function was made of', () => {
  const withFiles = (integration: string, files: object): TestFunction => {
    const { fileBody } = flowOf(action(integration, 'one', 'return 1'));
    return action(integration, 'one', 'return 1', { more: { fileBody: { ...fileBody, files } } });
  };

  test('come back with its source, version by version, and one that changed is a version', async () => {
    const key = await fresh();
    const first = { 'helpers/page.ts': 'export const page = 1;', 'models.ts': 'export {};' };
    await deploy(platform, [withFiles(key, first)]);
    await deploy(platform, [withFiles(key, first)]);
    expect(await numbers(key, 'one')).toEqual(['1 1 runs']);
    await deploy(platform, [withFiles(key, { ...first, 'models.ts': 'export {}; // new' })]);
    expect(await numbers(key, 'one')).toEqual(['2 2 runs', '1 1']);
    expect((await codeOf(key, 'one', 'version=1')).files).toEqual(first);
    expect((await codeOf(key, 'one')).files).toEqual({ ...first, 'models.ts': 'export {}; // new' });
  });

  test.each([
    '../outside.ts',
    'helpers/../../outside.ts',
    '/etc/passwd',
    'C:/x.ts',
    'c:x.ts',
    'helpers\\x.ts',
    './x.ts',
    'a//b.ts',
    'a/',
    'con.ts',
    'a/nul',
    'x.ts:stream',
    'dot./x.ts',
    '.git/hooks/pre-commit.js',
    'node_modules/zod/index.js',
    'helpers/run.sh',
  ])('are refused at %s: written, it would leave the project or name no file', async (path) => {
    const key = await fresh();
    expect(await tryDeploy(platform, [withFiles(key, { [path]: 'export {};' })])).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_body' } },
    });
    expect(await deployed(key)).toEqual([]);
  });

  test.each([
    ['too many', Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}.ts`, '']))],
    ['one too large', { 'a.ts': 'x'.repeat(500_001) }],
    ['too much in all', Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`f${n}.ts`, 'x'.repeat(400_001)]))],
  ])('are refused when they are %s', async (_what, files) => {
    expect(await tryDeploy(platform, [withFiles(await fresh(), files)])).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_body' } },
    });
  });
});
