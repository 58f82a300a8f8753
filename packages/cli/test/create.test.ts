/** `bowline create` and `bowline completion`: files that compile, and scripts that real shells take. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { makeProject, runCli, syncFile } from './project.ts';

const created = async (root: string, words: string[]) => {
  const done = await runCli(root, ['create', ...words]);
  expect(done).toMatchObject({ exitCode: 0, errors: '' });
  return done.output;
};

describe('bowline create', () => {
  it('makes functions that compile as they stand, whatever their name makes of their model', async () => {
    const root = makeProject({});
    for (const name of ['contacts', 'open-issues', 'strings', 'maps', '2fa-devices', '_', 'process', 'a'])
      expect(await created(root, ['crm', name, '--sync'])).toContain(`Created sync: crm/syncs/${name}.ts`);
    await created(root, ['crm', 'create-contact', '--action']);
    await created(root, ['crm', 'greet', '--on-event']);
    const { exitCode, errors, output } = await runCli(root, ['compile', '--json']);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    const { functions, warnings } = JSON.parse(output);
    expect(functions).toHaveLength(10);
    expect(warnings).toEqual([]);
    expect(existsSync(join(root, 'index.ts'))).toBe(false);
    expect(readFileSync(join(root, 'crm/syncs/open-issues.ts'), 'utf8')).toContain('models: { OpenIssue }');
  }, 60_000);

  it('imports it where index.ts imports functions, and not where every file counts', async () => {
    const index = "import './crm/syncs/items.js'; // the first";
    const root = makeProject({ 'index.ts': index, 'crm/syncs/items.ts': syncFile() });
    expect(await created(root, ['crm', 'make', '-a'])).toContain('Imported in index.ts');
    expect(readFileSync(join(root, 'index.ts'), 'utf8')).toBe(`${index}\nimport './crm/actions/make.js';\n`);
    const every = makeProject({ 'index.ts': '// none\n', 'crm/syncs/items.ts': syncFile() });
    await created(every, ['crm', 'make', '-a']);
    expect(readFileSync(join(every, 'index.ts'), 'utf8')).toBe('// none\n');
  });

  it('imports the package that the project has', async () => {
    const root = makeProject({ 'package.json': JSON.stringify({ devDependencies: { nango: '1.0.0' } }) });
    await created(root, ['crm', 'items', '--sync']);
    expect(readFileSync(join(root, 'crm/syncs/items.ts'), 'utf8')).toContain("from 'nango'");
  });

  it.each([
    ['open-issues', '--sync'],
    ['create-contact', '--action'],
    ['hello', '--on-event'],
    ['2fa', '--action'],
  ])('tells the lines that declare it in nango.yaml, changes nothing there, and both compile together: %s %s', async (name, type) => {
    const root = makeProject({ 'nango.yaml': 'integrations: {} # mine\n' });
    const { declare, file } = JSON.parse(await created(root, ['crm', name, type, '--json']));
    expect(readFileSync(join(root, 'nango.yaml'), 'utf8')).toBe('integrations: {} # mine\n');
    writeFileSync(join(root, 'nango.yaml'), declare);
    const done = await runCli(root, ['compile', '--json']);
    expect(done).toMatchObject({ exitCode: 0, errors: '' });
    expect(JSON.parse(done.output)).toMatchObject({ functions: [{ integration: 'crm', name }], warnings: [] });
    expect(existsSync(join(root, file))).toBe(true);
    expect(await runCli(root, ['create', 'crm', name, type])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('is there already'),
    });
  });

  it('writes the script of what nango.yaml declares already, with its models', async () => {
    const yaml = `integrations:
  crm:
    syncs:
      people: { runs: every hour, output: Person }
      changed: { runs: every hour, output: Item, sync_type: incremental }
    actions:
      add: { input: Person, output: Person }
      ping: { output: string }
models:
  Person: { id: string, name: string, age: number }
  Item: { id: string }
`;
    const root = makeProject({ 'nango.yaml': yaml });
    expect(await created(root, ['crm', 'people', '--sync'])).not.toContain('Declare it');
    await created(root, ['crm', 'changed', '--sync']);
    for (const name of ['add', 'ping']) await created(root, ['crm', name, '--action']);
    expect(await runCli(root, ['compile'])).toMatchObject({ exitCode: 0, errors: '' });
    expect(readFileSync(join(root, 'crm/syncs/people.ts'), 'utf8')).toContain("batchSave(data, 'Person')");
    expect(readFileSync(join(root, 'crm/syncs/people.ts'), 'utf8')).toContain('trackDeletesEnd');
    expect(readFileSync(join(root, 'crm/syncs/changed.ts'), 'utf8')).not.toContain('trackDeletes');
    expect(await created(root, ['crm', 'person', '--sync'])).toContain('output: PersonRecord');
  });

  it('asks a person for what is missing', async () => {
    const root = makeProject({ 'crm/syncs/items.ts': syncFile() });
    const asked = await runCli(root, ['create'], { answers: ['crm', 'action', 'make'] });
    expect(asked).toMatchObject({ exitCode: 0, output: expect.stringContaining('Created action: crm/actions/make.ts') });
    expect(asked.questions[0]).toContain('as crm');
  });

  it('leaves what is there alone', async () => {
    const root = makeProject({ 'index.ts': "import './crm/syncs/items.js';\n", 'crm/syncs/items.ts': syncFile() });
    expect(await runCli(root, ['create', 'crm', 'items', '--sync'])).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('crm/syncs/items.ts is there already'),
    });
    expect(readFileSync(join(root, 'crm/syncs/items.ts'), 'utf8')).toBe(syncFile());
    expect(readFileSync(join(root, 'index.ts'), 'utf8')).toBe("import './crm/syncs/items.js';\n");
  });

  it('writes nothing while index.ts imports what is not there', async () => {
    const root = makeProject({ 'index.ts': "import './crm/syncs/gone.js';\n" });
    expect(await runCli(root, ['create', 'crm', 'items', '--sync'])).toMatchObject({ exitCode: 10 });
    expect(existsSync(join(root, 'crm'))).toBe(false);
  });

  it.each<[Record<string, string>, string[], string]>([
    [{}, ['crm', 'items'], 'Missing --sync, --action or --on-event'],
    [{}, ['--sync'], 'Missing [integration]'],
    [{}, ['crm', '--sync'], 'Missing [name]'],
    [{}, ['crm', 'items', '--sync', '--action'], 'Give one of --sync and --action'],
    [{}, ['..', 'items', '--sync'], '".." cannot be the folder of an integration'],
    [{}, ['a/b', 'items', '--sync'], 'cannot be the folder'],
    [{}, ['crm', '../x', '--sync'], 'cannot be the name of a function'],
  ])('says what is wrong: %# %j', async (files, words, message) => {
    expect(await runCli(makeProject(files), ['create', ...words])).toMatchObject({ exitCode: 2, errors: expect.stringContaining(message) });
  });
});

const hasShell = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

describe('bowline completion', () => {
  const complete = (script: string, line: string[]): string[] => {
    const asked = `${script}\nCOMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${line.length - 1}; _bowline; printf '%s\\n' "\${COMPREPLY[@]}"`;
    // Bash takes the socket that Node gives it for a login from afar, and reads what whoever keeps this machine wrote for those.
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-u', '-c', asked], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.split('\n').filter(Boolean);
  };

  it('completes commands, those below them, flags and their values in bash', async () => {
    const { output } = await runCli('.', ['completion', 'bash']);
    expect(complete(output, ['bowline', 'co'])).toEqual(['compile', 'connections', 'completion']);
    expect(complete(output, ['bowline', 'provider', ''])).toEqual(expect.arrayContaining(['new', 'add', 'list']));
    expect(complete(output, ['bowline', '--json', 'provider', 'add', '--secr'])).toEqual(['--secret-key']);
    expect(complete(output, ['bowline', 'deploy', '--allow'])).toEqual(['--allow-destructive']);
    expect(complete(output, ['bowline', 'trigger', 'a', 'b', 'c', '--type', ''])).toEqual(['sync', 'action']);
    expect(complete(output, ['bowline', 'completion', ''])).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(complete(output, ['bowline', 'compile', '--no-tele'])).toEqual([]);
  });

  it('completes names of the project in bash, zsh and fish, without a server', async () => {
    await build(['command', 'template sources']);
    const root = makeProject({ 'crm/syncs/items.ts': syncFile(), 'crm/actions/make.ts': syncFile() });
    const command = fileURLToPath(new URL('../dist/bowline.js', import.meta.url));
    const own = `bowline() { '${process.execPath}' '${command}' "$@"; }`;
    const script = async (shell: string): Promise<string> => (await runCli('.', ['completion', shell])).output;
    const inShell = (shell: string, words: string[]): string => spawnSync(shell, words, { encoding: 'utf8', cwd: root }).stdout;
    const bash = (line: string, at: number): string =>
      `COMP_WORDS=(${line}); COMP_CWORD=${at}; _bowline; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const asked = [bash('bowline dryrun crm', 2), bash('bowline create c', 2), bash('bowline clone slack/p', 2)].join('\n');
    expect(
      inShell('bash', ['--norc', '-c', `${own}\n${await script('bash')}\n${asked}`])
        .trim()
        .split('\n'),
    ).toEqual(['crm/make', 'crm/items', 'crm', 'slack/post-message']);
    if (hasShell('zsh')) {
      const zsh = `compdef() { }\ncompadd() { shift; print -l -- "$@" }\n${own}\n${await script('zsh')}\nwords=(bowline dryrun x); CURRENT=3; _bowline`;
      expect(inShell('zsh', ['-f', '-c', zsh]).split('\n')).toEqual(expect.arrayContaining(['crm/items', 'crm/make', '--host']));
    }
    if (hasShell('fish')) {
      const fish = `function bowline; '${process.execPath}' '${command}' $argv; end\n${await script('fish')}\ncomplete -C 'bowline dryrun crm/'`;
      expect(inShell('fish', ['--no-config', '-c', fish])).toMatch(/crm\/items[\s\S]*crm\/make/);
    }
  }, 60_000);

  it('knows bash, zsh and fish only', async () => {
    for (const shell of ['zsh', 'fish']) expect((await runCli('.', ['completion', shell])).output).toContain('connections');
    expect(await runCli('.', ['completion', 'tcsh'])).toMatchObject({ exitCode: 2, errors: expect.stringContaining('bash, zsh, fish') });
  });
});

it('tells its version as a command too', async () => {
  const flag = await runCli('.', ['--version']);
  expect(await runCli('.', ['version'])).toMatchObject({ exitCode: 0, output: flag.output });
  expect(JSON.parse((await runCli('.', ['version', '--json'])).output)).toEqual({ ok: true, version: flag.output.trim() });
});
