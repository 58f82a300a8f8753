/** The commands that look and act on a server, with the whole platform: a deployed project, a connection, runs in real sandboxes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run as runProgram } from 'bowline/program';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, runCli, syncFile } from '../packages/cli/test/project.ts';
import { run } from '../packages/server/src/base/database.ts';
import { eventually, type Json, type Platform, startPlatform } from '../packages/server/test/platform.ts';

const KEY = 'unauthenticated';
let platform: Platform;
const head = (kind: string, body: string): string => `import { ${kind} } from 'bowline';\nimport { z } from 'zod';\n\n${body}\n`;
const syncOf = (model: string, exec: string): string =>
  head(
    'createSync',
    `const ${model} = z.object({ id: z.string(), name: z.string() });
export default createSync({ description: 'd', frequency: 'every hour', autoStart: false, models: { ${model} }, exec: ${exec} });`,
  );
const actionOf = (exec: string): string =>
  head('createAction', `export default createAction({ description: 'd', input: z.any(), output: z.any(), exec: ${exec} });`);
const functions = {
  [`${KEY}/syncs/items.ts`]: syncOf(
    'Item',
    `async (nango) => {
      const { word = 'Item' } = (await nango.getMetadata<{ word?: string }>()) ?? {};
      await nango.batchSave(['1', '2', '3', '4', '5'].map((id) => ({ id, name: word + ' ' + id })), 'Item');
    }`,
  ),
  [`${KEY}/actions/double.ts`]: actionOf('(_, input) => ({ doubled: input.number * 2 })'),
  [`${KEY}/actions/break.ts`]: actionOf("(nango) => { throw new nango.ActionError({ message: 'Nothing to do' }); }"),
  [`${KEY}/actions/twice.ts`]: actionOf('() => 1'),
  [`${KEY}/syncs/twice.ts`]: syncOf('Twice', 'async () => {}'),
  [`${KEY}/on-events/hello.ts`]:
    "import { createOnEvent } from 'bowline';\n\nexport default createOnEvent({ description: 'd', event: 'post-connection-creation', exec: () => {} });\n",
};

beforeAll(async () => {
  platform = await startPlatform();
  await platform.call('POST', '/integrations', { unique_key: KEY, provider: 'unauthenticated' });
  for (const [id, name] of [
    ['one', 'Ann\u001b[2J'],
    ['two', 'Bob'],
  ]) {
    const made = await platform.call('POST', '/connections', {
      provider_config_key: KEY,
      connection_id: id,
      credentials: { type: 'NONE' },
      end_user: { id: `user-${id}`, display_name: name },
    });
    expect(made.status).toBe(201);
  }
  const deployed = await runCli(makeProjectOnce(functions), ['deploy'], { env: env() });
  expect(deployed).toMatchObject({ exitCode: 0, errors: '' });
}, 120_000);

/** Not of one test: removed with the machine's temporary files. */
const makeProjectOnce = (files: Record<string, string>): string => {
  const root = mkdtempSync(join(tmpdir(), 'bowline-remote-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

const env = () => ({ BOWLINE_HOST: platform.url, BOWLINE_SECRET_KEY_DEV: platform.apiKey });
const bowline = (words: string[], answers?: string[]) => runCli(makeProject({}), words, { env: env(), ...(answers && { answers }) });
const json = async (words: string[]): Promise<Json> => JSON.parse((await bowline([...words, '--json'])).output);
const settled = async (): Promise<Json> => {
  for (;;) {
    const { syncs } = await json(['status', KEY, 'one']);
    const items = syncs.find(({ name }: Json) => name === 'items');
    if (items.status !== 'RUNNING' && items.finishedAt) return items;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe('bowline connections', () => {
  it('lists them, newest first, without what would move the cursor of the terminal', async () => {
    const { output, errors, exitCode } = await bowline(['connections']);
    expect({ errors, exitCode }).toEqual({ errors: '', exitCode: 0 });
    const [head, ...rows] = output.trimEnd().split('\n');
    expect(head).toMatch(/^CONNECTION {2}INTEGRATION +PROVIDER +END USER +ERRORS +CREATED$/);
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 5))).toEqual([
      ['two', KEY, 'unauthenticated', 'Bob', '-'],
      ['one', KEY, 'unauthenticated', 'Ann�[2J', '-'],
    ]);
  });

  it('narrows them by text, integration and number, and says when there may be more', async () => {
    expect((await json(['connections', '--search', 'bob'])).connections).toMatchObject([{ connection_id: 'two' }]);
    expect((await bowline(['connections', '-i', 'another'])).output).toContain('No connections like that');
    expect((await bowline(['connections', '--limit', '1'])).output).toContain('There may be more than 1');
    expect(await bowline(['connections', '--limit', '0'])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('from 1 to 2000'),
    });
  });
});

describe('bowline deploy with the key of another environment than the one that is named', () => {
  const deploy = (words: string[], key: string, answers?: string[]) =>
    runCli(makeProject(functions), ['deploy', ...words], {
      env: { BOWLINE_HOST: platform.url, [key]: platform.apiKey },
      ...(answers && { answers }),
    });
  const other = 'belongs to the environment dev, not to prod.';

  it('is refused where nobody can be asked, also with --auto-confirm, and asked about at a terminal', async () => {
    const refused = await deploy(['prod', '--auto-confirm'], 'BOWLINE_SECRET_KEY');
    expect(refused).toMatchObject({ exitCode: 11, errors: expect.stringContaining(`The key from BOWLINE_SECRET_KEY ${other}`) });
    expect(await deploy(['prod'], 'BOWLINE_SECRET_KEY', ['n'])).toMatchObject({ exitCode: 11 });
    expect(await deploy(['prod'], 'BOWLINE_SECRET_KEY', ['y'])).toMatchObject({ exitCode: 0 });
  });

  it('is told, and done, when the variable bears the name; without a name it goes to whichever the key belongs to', async () => {
    const told = await deploy(['prod'], 'BOWLINE_SECRET_KEY_PROD');
    expect(told).toMatchObject({ exitCode: 0, output: expect.stringContaining(`The key from BOWLINE_SECRET_KEY_PROD ${other}`) });
    const unnamed = await deploy([], 'BOWLINE_SECRET_KEY');
    expect(unnamed).toMatchObject({ exitCode: 0, output: expect.stringContaining(`Plan for dev at ${platform.url}`) });
    expect(unnamed.output).not.toContain('not to');
  });
});

describe('bowline trigger, status and records', () => {
  it('starts a sync, tells how it did, and reads its records a page at a time or all of them', async () => {
    expect((await bowline(['trigger', KEY, 'one', 'items'])).output).toContain('items is started.');
    expect(await settled()).toMatchObject({ status: 'PAUSED', latestExecutionStatus: 'SUCCESS', recordCount: { Item: 5 } });
    expect((await bowline(['status', KEY, 'one'])).output).toMatch(/^items +PAUSED .*Item 5 +Item \+5 ~0 -0$/m);

    const first = await bowline(['records', KEY, 'one', 'Item', '--limit', '2', '--json']);
    const lines = first.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ id: '1' }, { id: '2' }]);
    const [, cursor = ''] = /^Next page: --cursor (\S+)$/m.exec(first.errors) ?? [];
    const rest = await bowline(['records', KEY, 'one', 'Item', '--cursor', cursor, '--limit', '2', '--all', '--json']);
    expect(rest.errors).toBe('');
    expect(
      rest.output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['3', '4', '5']);

    const text = await bowline([
      'records',
      KEY,
      'one',
      'Item',
      '--filter',
      'added',
      '--modified-after',
      new Date(Date.now() - 86_400_000).toISOString(),
    ]);
    expect(text.output).toContain('ADDED    {"id":"1","name":"Item 1"}');
    expect((await bowline(['records', KEY, 'one', 'Item', '--filter', 'deleted'])).output).toContain('0 records');
  });

  it('calls an action and prints what it returned', async () => {
    const called = await bowline(['trigger', KEY, 'one', 'double', '--input', '{"number":21}']);
    expect(called).toMatchObject({ exitCode: 0, errors: '', output: '{\n  "doubled": 42\n}\n' });
    expect(await json(['trigger', KEY, 'one', 'double', '--input', '{"number":2}'])).toEqual({
      ok: true,
      type: 'action',
      output: { doubled: 4 },
    });
    const later = await json(['trigger', KEY, 'one', 'double', '--input', '{"number":2}', '--async']);
    expect(later).toMatchObject({ ok: true, started: { statusUrl: expect.stringContaining('/action/') } });
  });

  it('ends with 12 when the action fails, with what its author says', async () => {
    const { exitCode, errors } = await bowline(['trigger', KEY, 'one', 'break']);
    expect(exitCode).toBe(12);
    expect(errors).toContain('Nothing to do');
  });

  it.each<[string[], number, string]>([
    [['nothing'], 2, 'There is no function nothing deployed to unauthenticated. It has break, double, twice, items, twice.'],
    [['hello'], 2, 'runs by itself'],
    [['twice'], 2, 'Say which one: --type sync or --type action'],
    [['double', '--reset'], 2, 'double is an action: --reset cannot be given'],
    [['items', '--input', '{}'], 2, 'items is a sync: --input cannot be given'],
    [['items', '--empty-cache'], 2, 'needs --reset'],
    [['double', '--input', '{"number'], 2, '--input is not JSON'],
    [['items', '--type', 'webhook'], 2, 'Allowed choices are sync, action'],
  ])('says what is wrong: %j', async (words, exitCode, message) => {
    expect(await bowline(['trigger', KEY, 'one', ...words])).toMatchObject({ exitCode, errors: expect.stringContaining(message) });
  });

  it('takes --type where two share the name', async () => {
    expect((await bowline(['trigger', KEY, 'one', 'twice', '--type', 'action'])).output).toBe('1\n');
  });

  it('says what to do when a name, the key or the server is wrong', async () => {
    const unknown = await bowline(['status', KEY, 'nobody']);
    expect(unknown.exitCode).toBe(11);
    expect(unknown.errors).toContain('nobody');
    const model = await bowline(['records', KEY, 'two', 'Itme']);
    expect(model.output).toMatch(/No sync of this connection keeps Itme; they keep .*\bItem\b/);
    const refused = await bowline(['connections', '--secret-key', 'a2b8c1d0-0000-4000-8000-000000000000']);
    expect(refused).toMatchObject({ exitCode: 11, errors: expect.stringContaining('refused the API key from --secret-key (401)') });
    const weak = await bowline(['connections', '--secret-key', await platform.keyOf('dev', ['environment:providers:read'])]);
    expect(weak).toMatchObject({ exitCode: 11, errors: expect.stringContaining('does not allow this') });
    const nobody = await bowline(['connections', '--host', 'http://127.0.0.1:1']);
    expect(nobody).toMatchObject({ exitCode: 11, errors: expect.stringContaining('Cannot reach http://127.0.0.1:1') });
    const stranger = await bowline(['records', KEY, 'one', 'Item', '--cursor', 'nonsense', '--json']);
    expect(JSON.parse(stranger.output)).toMatchObject({ ok: false, error: { exitCode: 11 } });
  });
});

describe('bowline status', () => {
  const rowOf = async (sync: string) => (await bowline(['status', KEY, 'one'])).output.split('\n').find((line) => line.startsWith(sync));

  it('says how late the last run began and what it made up for; of one that is due, for how long and for whose room', async () => {
    const { db } = platform.world;
    const one = sql`connection_id = (select id from connections where connection_id = 'one')`;
    const items = sql`name = 'items' and ${one}`;
    const { finishedAt } = await settled();
    await run(db, sql`update syncs set paused = false, next_run_at = now() - interval '3 hours 10 minutes' where ${items}`);
    await eventually(async () => (await settled()).finishedAt !== finishedAt, 'it caught up');
    expect(await rowOf('items')).toMatch(/ {2}3 h 10 min, 3 missed {2}/);

    await platform.call('PATCH', '/sync/limits', { provider_config_key: KEY, connection_id: 'one', connection: { runs_max: 1 } });
    await run(db, sql`update syncs set active_run = 0, triggered_at = null where name = 'twice' and ${one}`); // holds the only place
    await run(db, sql`update syncs set next_run_at = now() - interval '50 hours' where ${items}`);
    expect(await rowOf('items')).toMatch(/ {2}waits 2 d 2 h for room of its connection {2}/);
    await run(db, sql`update syncs set active_run = null where active_run = 0`);
    await eventually(
      async () => (await json(['status', KEY, 'one'])).syncs.find(({ name }: Json) => name === 'items').lateness.missed === 50,
      'it ran',
    );
    await run(db, sql`update syncs set paused = true where ${items}`);
    await platform.call('PATCH', '/sync/limits', { provider_config_key: KEY, connection_id: 'one', connection: { runs_max: null } });
  });

  it('without a connection lists the processes, the roles that nobody has, and how long each kind of work waits', async () => {
    const { output, exitCode } = await bowline(['status']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^PROCESS {2}ROLES {2}VERSION {2}STATE {2}LAST HEARD {2}STARTED$/m);
    expect(output).toMatch(/^WORK +OLDEST WAITS$/m);
    for (const work of ['action', 'webhook', 'incremental', 'backfill', 'other'])
      expect(output).toMatch(new RegExp(`^${work} +(-|\\d+ s)$`, 'm'));
    expect(output).toContain('No process has the role scheduler: syncs that are due wait. Start one: bowline start --role scheduler');
    expect(await json(['status'])).toMatchObject({ ok: true, processes: [], queue: [{ class: 'action' }, {}, {}, {}, { class: 'other' }] });
    expect(await bowline(['status', KEY])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining(`Of which connection of ${KEY}?`),
    });
  });
});

describe('bowline records --as-of', () => {
  it('reads records as they were at a moment, or up to a cursor, and says how far back the history goes', async () => {
    await platform.call('PUT', '/records/history-settings', { models: [{ model: 'Item', keep_days: 1 }] });
    const records = async (...words: string[]): Promise<Json[]> => {
      const { output, exitCode } = await bowline(['records', KEY, 'one', 'Item', '--all', '--json', ...words]);
      expect([exitCode, output]).toEqual([0, output]);
      return output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    };
    const last = (await records()).at(-1);
    const before = new Date().toISOString();
    const { finishedAt } = await settled();
    await platform.call('POST', '/connections/metadata', { provider_config_key: KEY, connection_id: 'one', metadata: { word: 'Thing' } });
    await bowline(['trigger', KEY, 'one', 'items']);
    await eventually(async () => (await settled()).finishedAt !== finishedAt, 'it ran');
    expect((await records()).map(({ name }) => name)).toEqual(['1', '2', '3', '4', '5'].map((id) => `Thing ${id}`));
    const items = ['1', '2', '3', '4', '5'].map((id) => `Item ${id}`);
    expect((await records('--as-of', before, '--limit', '2')).map(({ name }) => name)).toEqual(items);
    expect((await records('--as-of', last._nango_metadata.cursor)).map(({ name }) => name)).toEqual(items);
    expect((await bowline(['records', KEY, 'one', 'Item', '--as-of', before])).output).toContain('{"id":"1","name":"Item 1"}');
    const early = await bowline(['records', KEY, 'one', 'Item', '--as-of', '2020-01-31']);
    expect(early).toMatchObject({ exitCode: 11, errors: expect.stringContaining('The history of Item goes back to') });
    const none = await bowline(['records', KEY, 'one', 'Item', '--as-of', 'yesterday']);
    expect(none.exitCode).toBe(11);
  });
});

describe('bowline pull', () => {
  const file = `${KEY}/actions/double.ts`;
  const deployed = functions[file] ?? '';

  it('writes a deployed function to its place, imported where index.ts imports functions', async () => {
    const files = { 'index.ts': "import './a/syncs/b.js';", 'a/syncs/b.ts': syncFile() };
    const root = makeProject(files);
    const pulled = await runCli(root, ['pull', KEY, 'double'], { env: env() });
    expect(pulled).toMatchObject({ exitCode: 0, errors: '', output: `Pulled action: ${file}\nImported in index.ts\n` });
    expect(readFileSync(join(root, file), 'utf8')).toBe(deployed);
    expect(readFileSync(join(root, 'index.ts'), 'utf8')).toBe(`${files['index.ts']}\nimport './${KEY}/actions/double.js';\n`);
    expect(await runCli(root, ['compile'])).toMatchObject({ exitCode: 0 });
    expect((await runCli(root, ['pull', KEY, 'double'], { env: env() })).output).toContain('is the same already');
  });

  it('overwrites only with -f or a yes', async () => {
    const root = makeProject({ [file]: 'mine' });
    const pull = (words: string[], answers?: string[]) =>
      runCli(root, ['pull', KEY, 'double', ...words], { env: env(), ...(answers && { answers }) });
    expect(await pull(['-y'])).toMatchObject({ exitCode: 2, errors: expect.stringContaining('-f overwrites it') });
    expect(await pull([], ['n'])).toMatchObject({ exitCode: 2, errors: expect.stringContaining('Nothing was written') });
    expect(readFileSync(join(root, file), 'utf8')).toBe('mine');
    expect(await pull([], ['y'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, file), 'utf8')).toBe(deployed);
    writeFileSync(join(root, file), 'mine again');
    expect(await pull(['-f', '--env', 'dev'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(root, file), 'utf8')).toBe(deployed);
  });

  it('writes a function that came from the catalogue, with the files it needs besides', async () => {
    const credentials = { type: 'OAUTH2', client_id: 'id', client_secret: 'secret' };
    expect((await platform.call('POST', '/integrations', { unique_key: 'hub', provider: 'github', credentials })).status).toBe(200);
    const body = { type: 'template', integration_id: 'hub', template: 'issues', function_type: 'sync' };
    expect((await platform.call('POST', '/functions/deployments', body)).status).toBe(202);
    const hint = await bowline(['pull', 'hub', 'issues', '--catalog']);
    expect(hint).toMatchObject({ exitCode: 2, errors: expect.stringContaining('There are no templates for "hub"') });
    const pulled = await json(['pull', 'hub', 'issues']);
    expect(pulled).toMatchObject({ ok: true, type: 'sync', written: ['hub/syncs/issues.ts', 'hub/repositories.ts'], missing: [] });
  });

  it('says what to do about a shared name, an unknown one and one that no function can have', async () => {
    const pull = (words: string[]) => bowline(['pull', KEY, ...words]);
    expect(await pull(['twice'])).toMatchObject({ exitCode: 2, errors: expect.stringContaining('--sync, --action or --on-event') });
    expect((await pull(['twice', '--sync'])).output).toContain(`Pulled sync: ${KEY}/syncs/twice.ts`);
    expect((await pull(['hello'])).output).toContain(`Pulled on-event: ${KEY}/on-events/hello.ts`);
    expect(await pull(['nothing'])).toMatchObject({ exitCode: 11, errors: expect.stringContaining('nothing') });
    expect(await pull(['../../x'])).toMatchObject({ exitCode: 2, errors: expect.stringContaining('cannot be the name of a function') });
  });
});

describe('bowline open', () => {
  it('prints the address of a page of the dashboard, and has it opened where there is somebody to look', async () => {
    const address = `${platform.url}/prod/connections`;
    expect((await bowline(['open', 'connections', '-e', 'prod'])).output).toBe(`${address}\n`);
    const opened: string[] = [];
    const io = { write: () => {}, writeError: () => {}, env: env(), cwd: '.', isTty: true, ask: undefined };
    for (const words of [[], ['--json']])
      await runProgram(['open', 'connections', '-e', 'prod', ...words], { ...io, browse: (url) => opened.push(url) });
    expect(opened).toEqual([address]);
    expect(await bowline(['open', 'kitchen'])).toMatchObject({ exitCode: 2 });
  });

  it('names pages that the dashboard has', async () => {
    const { errors } = await bowline(['open', 'kitchen']);
    const [, pages = ''] = /Allowed choices are (.+)\./.exec(errors) ?? [];
    const router = readFileSync(new URL('../apps/dashboard/src/router.tsx', import.meta.url), 'utf8');
    for (const page of pages.split(', ')) {
      const path = (await bowline(['open', page])).output.trim().replace(`${platform.url}/dev`, '') || '/';
      expect(router).toContain(`path: '${path}'`);
    }
  });
});
