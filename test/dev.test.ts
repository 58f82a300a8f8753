/** `bowline dev`, whole: the built command, its own platform with its own Postgres, files saved as an editor saves them. */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { syncFile } from '../packages/cli/test/project.ts';
import { type Json, startPlatform } from '../packages/server/test/platform.ts';
import { bowline, type Dev, makeFolder, startDev, write } from './dev-stage.ts';
import { until } from './platform.ts';
import { isAlive } from './processes.ts';

/** Of how long a broken test takes: each starts a Postgres of its own. */
vi.setConfig({ testTimeout: 180_000 });
const KEY = 'unauthenticated';
const cycle = (dev: Dev, what: string, more: (line: never) => boolean = () => true) =>
  dev.next(what, (line) => line.type === 'cycle' && more(line as never));
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const ask = async ({ url, apiKey }: { url: string; apiKey: string }, path: string, body?: unknown) => {
  const response = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as Json; // the test looks into it
};

test('from init to a function that is deployed with each save, past an error, in one terminal', async () => {
  const folder = makeFolder();
  expect((await bowline(folder, ['init', '.'])).status).toBe(0);
  const dev = startDev(folder);
  const started = await dev.next('its platform', ({ type }) => type === 'started');
  expect(started).toMatchObject({ attached: false, admin: { email: 'admin@localhost', password: expect.any(String) } });
  expect(await cycle(dev, 'the first deployment')).toMatchObject({
    ok: true,
    integrations: { made: [{ key: 'github', provider: 'github', needsApp: true }], lacking: [] },
    deployed: [
      {
        integration: 'github',
        name: 'repositories',
        type: 'sync',
        version: '1',
        hash: sha256(join(folder, 'build/github_syncs_repositories.cjs')),
      },
    ],
  });

  const file = join(folder, 'github/syncs/repositories.ts');
  const source = readFileSync(file, 'utf8');
  writeFileSync(file, source.replace('id: String(repo.id)', 'id: String(repo.id) + nothing'));
  expect(await cycle(dev, 'the error')).toMatchObject({
    ok: false,
    diagnostics: [
      { file: 'github/syncs/repositories.ts', line: 20, column: expect.any(Number), message: expect.stringContaining('nothing') },
    ],
  });
  const inPlace = await ask(started, '/integrations/github/functions');
  expect(inPlace.data).toMatchObject([{ name: 'repositories', version: '1' }]);

  // As editors save: another file, renamed over it.
  writeFileSync(`${file}.tmp`, source.replace('The repositories', 'Repositories'));
  renameSync(`${file}.tmp`, file);
  expect(await cycle(dev, 'the repair')).toMatchObject({ ok: true, deployed: [{ name: 'repositories', version: '2' }] });
  expect(readFileSync(join(folder, '.bowline/.gitignore'), 'utf8')).toBe('*\n');
  expect(statSync(join(folder, '.bowline/dev/dev.json')).mode & 0o077).toBe(0);

  dev.child.kill('SIGINT');
  expect(await dev.exited).toBe(0);
  expect(dev.lines.at(-1)).toEqual({ type: 'stopped' });
});

test('saves while it compiles are deployed by the next cycle, helpers and new functions too, and what is deleted is removed', async () => {
  const source = (from: string, model = 'Item') => `import { createSync } from 'bowline';
import { z } from 'zod';
import { word } from '../../word.js';
export default createSync({ description: \`${from} \${word}\`, frequency: 'every hour', models: { ${model}: z.object({ id: z.string() }) }, exec: async () => {} });\n`;
  const folder = makeFolder({ [`${KEY}/syncs/a.ts`]: source('first'), 'word.ts': "export const word = 'one';\n" });
  const dev = startDev(folder);
  const started = await dev.next('its platform', ({ type }) => type === 'started');
  const described = async () =>
    ((await ask(started, `/integrations/${KEY}/functions`)).data ?? []).map(
      ({ name, description }: { name: string; description: string }) => `${name}: ${description}`,
    );
  // One save ends while the first compile is under way or not: whichever, the last one holds.
  for (const text of ['second', 'third', 'fourth']) write(folder, { [`${KEY}/syncs/a.ts`]: source(text) });
  await until('the last save', async () => (await described())[0] === 'a: fourth one');

  write(folder, { 'word.ts': "export const word = 'two';\n", [`${KEY}/syncs/b.ts`]: source('new', 'Other') });
  await cycle(dev, 'a helper and a new one', ({ deployed = [] }: { deployed?: { name: string }[] }) =>
    deployed.some(({ name }) => name === 'b'),
  );
  await until('both', async () => (await described()).sort().join() === 'a: fourth two,b: new two');

  rmSync(join(folder, `${KEY}/syncs/a.ts`));
  expect(await cycle(dev, 'the removal', ({ removed = [] }: { removed?: string[] }) => removed.length > 0)).toMatchObject({
    removed: [`${KEY}/a`],
  });
  expect(await described()).toEqual(['b: new two']);

  rmSync(join(folder, `${KEY}/syncs/b.ts`));
  expect(await cycle(dev, 'the removal of the last one', ({ removed = [] }: { removed?: string[] }) => removed.length > 0)).toMatchObject({
    removed: [`${KEY}/b`],
  });
  expect(await described()).toEqual([]);
  write(folder, { [`${KEY}/syncs/b.ts`]: source('back', 'Other') });
  await until('one that came back', async () => (await described()).join() === 'b: back two');
});

test('a second one works with the platform of the first, and ends alone', async () => {
  const folder = makeFolder({ [`${KEY}/syncs/a.ts`]: syncFile() });
  const first = startDev(folder);
  const second = startDev(folder);
  const [one, two] = await Promise.all([first, second].map((dev) => dev.next('a platform', ({ type }) => type === 'started')));
  expect([one.attached, two.attached].sort()).toEqual([false, true]);
  expect(one).toMatchObject({ url: two.url, apiKey: two.apiKey });
  const [owner, guest] = one.attached ? [second, first] : [first, second];
  await cycle(guest, 'its deployment');
  guest.child.kill('SIGTERM');
  expect(await guest.exited).toBe(0);
  await cycle(owner, 'its deployment');
  write(folder, { [`${KEY}/syncs/a.ts`]: syncFile({ "'d'": "'another'" }) });
  expect(
    await cycle(owner, 'the next deployment', ({ deployed = [] }: { deployed?: { version: string }[] }) => deployed[0]?.version === '2'),
  ).toMatchObject({ ok: true });
});

test.each(['the command', 'its platform'])(
  'kill -9 of %s leaves nothing running, and the next start goes on with the data',
  async (which) => {
    const folder = makeFolder({ [`${KEY}/syncs/a.ts`]: syncFile() });
    const dev = startDev(folder);
    await cycle(dev, 'the first deployment');
    const tree = dev.tree();
    const postgres = tree.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres'));
    expect(postgres.length).toBeGreaterThan(3);
    const platform = tree.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dev-platform.js')) ?? 0;
    process.kill(which === 'the command' ? (dev.child.pid ?? 0) : platform, 'SIGKILL');
    await until('the end of all', () => tree.every((pid) => !isAlive(pid)));
    expect(await dev.exited).not.toBe(0);

    const again = startDev(folder);
    await again.next('its platform', ({ type }) => type === 'started');
    expect(await cycle(again, 'the deployment')).toMatchObject({
      ok: true,
      deployed: [{ name: 'a', version: '1' }],
      integrations: { made: [] },
    });
  },
);

test('a project in nango.yaml is deployed with each save, and the models made of it start no cycle of their own', async () => {
  const yaml = (field: string) => `integrations:
  ${KEY}:
    syncs:
      items:
        description: The items
        runs: every hour
        output: Item
models:
  Item:
    id: string
    ${field}: string\n`;
  const body =
    "import type { NangoSync } from '../../models';\n\nexport default async function fetchData(nango: NangoSync): Promise<void> {\n  await nango.batchSave([], 'Item');\n}\n";
  const folder = makeFolder({ 'nango.yaml': yaml('name'), [`${KEY}/syncs/items.ts`]: body });
  const dev = startDev(folder);
  expect(await cycle(dev, 'the first deployment')).toMatchObject({ ok: true, deployed: [{ name: 'items', version: '1' }] });
  write(folder, { 'nango.yaml': yaml('title').replace('every hour', 'every purple moon') });
  expect(await cycle(dev, 'the error', ({ ok }: { ok: boolean }) => !ok)).toMatchObject({ diagnostics: [{ file: 'nango.yaml' }] });
  write(folder, { 'nango.yaml': yaml('title') });
  expect(
    await cycle(dev, 'the repair', ({ ok, deployed = [] }: { ok: boolean; deployed?: unknown[] }) => ok && deployed.length > 0),
  ).toMatchObject({
    deployed: [{ name: 'items' }],
  });
});

test('what dev, deploy and compile make is the same, byte for byte; on a server that is not its own it asks for nothing and deletes nothing', async () => {
  const platform = await startPlatform();
  await platform.call('POST', '/integrations', { unique_key: KEY, provider: KEY });
  const env = { BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey };
  const folder = makeFolder({ [`${KEY}/syncs/a.ts`]: syncFile(), [`${KEY}/syncs/b.ts`]: syncFile({ 'Item:': 'Other:' }) });
  const dev = startDev(folder, ['-e', 'dev'], env);
  const { deployed } = await cycle(dev, 'the first deployment', ({ ok }: { ok: boolean }) => ok);
  const hashes = Object.fromEntries(deployed.map(({ name, hash }: { name: string; hash: string }) => [name, hash]));
  const stored = async () => {
    const { rows } = await sql<{
      name: string;
      js: string;
    }>`select f.name, c.js from functions f join function_versions v on v.id = f.version_id join function_code c on c.hash = v.code_hash order by f.name`.execute(
      platform.world.db,
    );
    return Object.fromEntries(rows.map(({ name, js }) => [name, createHash('sha256').update(js).digest('hex')]));
  };
  expect(await stored()).toEqual(hashes);
  expect((await bowline(folder, ['compile'])).status).toBe(0);
  expect({ a: sha256(join(folder, `build/${KEY}_syncs_a.cjs`)), b: sha256(join(folder, `build/${KEY}_syncs_b.cjs`)) }).toEqual(hashes);
  expect((await bowline(folder, ['deploy', '--json'], env)).stdout).toContain('"version": "1"');
  expect(await stored()).toEqual(hashes);

  rmSync(join(folder, `${KEY}/syncs/b.ts`));
  expect(await cycle(dev, 'the refusal', ({ ok }: { ok: boolean }) => !ok)).toMatchObject({
    message: expect.stringContaining(`would delete ${KEY}/b`),
  });
  expect(Object.keys(await stored())).toEqual(['a', 'b']);
});

test('with --run a function runs again after each deployment, and what it changed is told', async () => {
  const platform = await startPlatform();
  await platform.call('POST', '/integrations', { unique_key: KEY, provider: KEY });
  const connection = { provider_config_key: KEY, connection_id: 'one', credentials: { type: 'NONE' } };
  expect((await platform.call('POST', '/connections', connection)).status).toBe(201);
  const env = { BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey };
  const saving = (ids: string) =>
    syncFile({ 'async () => {}': `async (nango) => { await nango.batchSave(${ids}.map((id) => ({ id })), 'Item'); }` });
  const action = (exec: string) =>
    `import { createAction } from 'bowline';\nimport { z } from 'zod';\nexport default createAction({ description: 'd', input: z.any(), output: z.any(), exec: ${exec} });\n`;
  const folder = makeFolder({
    [`${KEY}/syncs/items.ts`]: saving("['1', '2']"),
    [`${KEY}/actions/double.ts`]: action('async (_, input) => 2 * input'),
  });
  const run = (dev: Dev) => dev.next('a run', ({ type }) => type === 'run');

  const dev = startDev(folder, ['-e', 'dev', '--run', 'items'], env);
  expect(await run(dev)).toMatchObject({ ok: true, name: 'items', connection: 'one', status: { latestResult: { Item: { added: 2 } } } });
  write(folder, { [`${KEY}/syncs/items.ts`]: saving("['1', '2', '3']") });
  expect(await run(dev)).toMatchObject({
    ok: true,
    status: { latestResult: { Item: { added: 1, updated: 0 } }, recordCount: { Item: 3 } },
  });
  write(folder, { [`${KEY}/syncs/items.ts`]: syncFile({ 'async () => {}': "async () => { throw new Error('on purpose'); }" }) });
  expect(await run(dev)).toMatchObject({ ok: false, status: { latestExecutionStatus: 'STOPPED' } });
  dev.child.kill('SIGINT');
  expect(await dev.exited).toBe(0);

  const other = startDev(folder, ['-e', 'dev', '--run', `${KEY}/double`, '--input', '21'], env);
  expect(await run(other)).toMatchObject({ ok: true, name: 'double', output: 42 });
  write(folder, { [`${KEY}/actions/double.ts`]: action("async (nango) => { throw new nango.ActionError({ message: 'Too much' }); }") });
  expect(await run(other)).toMatchObject({ ok: false, message: expect.stringContaining('Too much') });
});
