/** `bowline init`, `clone` and `pull --catalog`: projects of built-in templates, which compile and pass their tests as they are. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { readTemplates } from 'bowline/template/catalogue';
import { toolbox } from 'bowline/toolbox';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { makeProject, runCli, syncFile } from './project.ts';

beforeAll(async () => build(['runner', 'template sources']));

const held = { exitCode: 0, errors: '' };
const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8');
const imports = (root: string): string[] =>
  [...read(root, 'index.ts').matchAll(/^import '\.\/(.+)\.js';$/gm)].map(([, file]) => `${file}.ts`);

describe('the templates', () => {
  it('bring every file that a function of theirs imports, and at least one recording', () => {
    const { functions, files } = readTemplates();
    expect(new Set(functions.map(({ provider }) => provider)).size).toBeGreaterThanOrEqual(24);
    for (const { file, helpers, recordings, description } of functions) {
      const own = [file, ...helpers];
      for (const one of own)
        for (const [, specifier = ''] of (files[one] ?? '').matchAll(/from '(\.{1,2}\/[^']+)'/g))
          expect(own).toContain(posix.join(dirname(one), specifier).replace(/\.js$/, '.ts'));
      expect(recordings.length, file).toBeGreaterThan(0);
      for (const one of recordings) expect(files[one]).toBeTruthy();
      expect(description).not.toBe('');
    }
  });

  it('can be taken under another key: nothing outside a provider imports from its folder', () => {
    const { functions } = readTemplates();
    const providers = new Set(functions.map(({ provider }) => provider));
    const foreign = functions.flatMap(({ provider, helpers }) =>
      helpers.filter((one) => one.split('/')[0] !== provider && providers.has(one.split('/')[0] ?? '')),
    );
    expect(foreign).toEqual([]);
  });
});

describe('bowline init', () => {
  it('makes a small project that compiles and passes its test, where nobody can be asked', async () => {
    const root = makeProject({});
    expect(await runCli(root, ['init', 'flows'])).toMatchObject(held);
    expect(imports(join(root, 'flows'))).toEqual(['github/syncs/repositories.ts']);
    expect(await runCli(root, ['compile', '--cwd', 'flows'])).toMatchObject(held);
    expect(await runCli(root, ['test', '--cwd', 'flows'])).toMatchObject({ ...held, output: expect.stringContaining('1 passed') });
    expect(Object.keys(JSON.parse(read(root, 'flows/package.json')).scripts)).toEqual(['dev', 'compile', 'test', 'deploy']);
  });

  it('makes a project of the functions that a person picks, with what they need', async () => {
    const root = makeProject({});
    const picks = [
      ['github', 'outlook'],
      ['github/actions/create-issue.ts', 'outlook/syncs/messages.ts'],
    ];
    const made = await runCli(root, ['init', '.'], { isTty: true, env: { NO_COLOR: '1' }, picks });
    expect(made).toMatchObject(held);
    expect(made.questions[1]).toMatch(/github\/syncs\/issues\.ts.*outlook\/actions\/send-mail\.ts/);
    expect(made.questions[1]).not.toContain('jira');
    expect(imports(root)).toEqual(['github/actions/create-issue.ts', 'outlook/syncs/messages.ts']);
    expect(existsSync(join(root, 'microsoft/delta.ts'))).toBe(true);
    expect(await runCli(root, ['compile'])).toMatchObject(held);
    expect(await runCli(root, ['test'])).toMatchObject(held);
  });

  it('takes them from flags: one, several, all of a provider', async () => {
    const root = makeProject({});
    const made = await runCli(root, ['init', 'all', '--template', 'github/*', '--template', 'jira/issues,slack', '--json']);
    expect(made).toMatchObject(held);
    const { functions } = JSON.parse(made.output);
    expect(functions).toEqual(expect.arrayContaining(['github/syncs/labels.ts', 'jira/syncs/issues.ts', 'slack/actions/post-message.ts']));
    expect(functions.some((file: string) => file.startsWith('jira/') && file !== 'jira/syncs/issues.ts')).toBe(false);
  });

  it('lets the editor know the types without an installation', async () => {
    const root = makeProject({});
    await runCli(root, ['init', '.', '--template', 'github/create-issue']);
    const [program, ...words] = toolbox.tscCommand();
    const tsc = (): { status: number | null; stdout: string } =>
      spawnSync(program, [...words, '-p', root, '--pretty', 'false'], { encoding: 'utf8' });
    expect(tsc()).toMatchObject({ status: 0, stdout: '' });
    writeFileSync(join(root, 'github/actions/bad.ts'), syncFile({ "'every hour'": '5' }, 'bowline'));
    expect(tsc().stdout).toContain('github/actions/bad.ts');
  });

  it('keeps what is there: says what it would add, adds it when told to', async () => {
    const root = makeProject({ 'package.json': '{"name":"mine"}', 'src/app.ts': 'export {};\n' });
    const refused = await runCli(root, ['init', '.']);
    expect(refused).toMatchObject({
      exitCode: 2,
      errors: expect.stringMatching(/already holds package\.json.*added would be index\.ts, tsconfig\.json/),
    });
    expect(existsSync(join(root, 'index.ts'))).toBe(false);
    expect(await runCli(root, ['init', '.'], { answers: ['n'] })).toMatchObject({ exitCode: 2 });
    expect(await runCli(root, ['init', '.', '--yes'])).toMatchObject({
      ...held,
      output: expect.stringContaining('Kept as they are: package.json'),
    });
    expect(read(root, 'package.json')).toBe('{"name":"mine"}');
    expect(await runCli(root, ['test'])).toMatchObject(held);
    expect(await runCli(root, ['init', '.', '-y'])).toMatchObject(held);
  });

  it('adds functions to a project that is there, with their lines of index.ts', async () => {
    const root = makeProject({ 'index.ts': "import './crm/syncs/items.js';\n", 'crm/syncs/items.ts': syncFile() });
    expect(await runCli(root, ['init', '.', '--template', 'slack/post-message', '--yes'])).toMatchObject(held);
    expect(imports(root)).toEqual(['crm/syncs/items.ts', 'slack/actions/post-message.ts']);
  });

  it.each<[Record<string, string>, string[], string]>([
    [{}, ['--template', 'github/isues'], 'Of github there are: github/issues'],
    [{}, ['--template', 'gitub'], 'There are some for airtable'],
    [{ 'flows/nango.yaml': 'integrations: {}\n' }, ['flows'], 'declares its functions in nango.yaml'],
    [{ flows: 'a file' }, ['flows'], 'is a file'],
  ])('says what is wrong: %# %j', async (files, words, message) => {
    expect(await runCli(makeProject(files), ['init', ...words])).toMatchObject({ exitCode: 2, errors: expect.stringContaining(message) });
  });
});

describe('bowline clone', () => {
  it('copies a function under the key of the integration, and its recordings replay there', async () => {
    const root = makeProject({ 'index.ts': "import './crm/syncs/items.js';\n", 'crm/syncs/items.ts': syncFile() });
    expect(await runCli(root, ['clone', 'jira/projects', '--as', 'my-jira'])).toMatchObject(held);
    expect(imports(root)).toEqual(['crm/syncs/items.ts', 'my-jira/syncs/projects.ts']);
    expect(existsSync(join(root, 'my-jira/site.ts'))).toBe(true);
    expect(existsSync(join(root, 'jira'))).toBe(false);
    // Its pages are those of the catalogue, found by the provider that the copied recording names.
    expect(await runCli(root, ['test', '-i', 'my-jira'])).toMatchObject(held);
    expect(await runCli(root, ['compile'])).toMatchObject(held);
  });

  it('asks before a file of yours is lost, and is quiet about one that is the same', async () => {
    const root = makeProject({});
    expect(await runCli(root, ['clone', 'slack/users'])).toMatchObject(held);
    expect(await runCli(root, ['clone', 'slack/users'])).toMatchObject({ ...held, output: expect.stringContaining('the same') });
    writeFileSync(join(root, 'slack/web-api.ts'), '// mine\n');
    expect(await runCli(root, ['clone', 'slack/users'])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('slack/web-api.ts differs'),
    });
    expect(await runCli(root, ['clone', 'slack/users'], { answers: ['no'] })).toMatchObject({ exitCode: 2 });
    expect(read(root, 'slack/web-api.ts')).toBe('// mine\n');
    expect(await runCli(root, ['clone', 'slack/users'], { answers: ['y'] })).toMatchObject(held);
    writeFileSync(join(root, 'slack/web-api.ts'), '// mine\n');
    expect(await runCli(root, ['clone', 'slack/users', '-f'])).toMatchObject(held);
    expect(read(root, 'slack/web-api.ts')).not.toBe('// mine\n');
  });

  it.each<[string[], string]>([
    [[], 'There are templates for airtable'],
    [['github', 'jira', '--as', 'mine'], '--as names one integration'],
    [['github/whoami', '--as', '..'], 'cannot be the folder'],
  ])('says what is wrong: %# %j', async (words, message) => {
    const root = makeProject({});
    expect(await runCli(root, ['clone', ...words])).toMatchObject({ exitCode: 2, errors: expect.stringContaining(message) });
  });
});

describe('bowline pull --catalog', () => {
  it('writes one template, and needs no server', async () => {
    const root = makeProject({});
    expect(await runCli(root, ['pull', 'github', 'whoami', '-c', '--as', 'gh'])).toMatchObject(held);
    expect(existsSync(join(root, 'gh/actions/whoami.ts'))).toBe(true);
    expect(await runCli(root, ['pull', 'github', 'whoami', '--catalog', '--sync'])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('is an action'),
    });
  });
});
