/** Every flag and variable that recipes for older commands carry is taken with its meaning; and the manners of the command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { examples } from 'bowline/program-examples';
import { createTerminal } from 'bowline/terminal';
import { describe, expect, it } from 'vitest';
import { makeProject, runCli, syncFile } from './project.ts';
import { startDeployServer } from './server.ts';

const nobody = ['--host', 'http://127.0.0.1:1', '--secret-key', 'k'];
const unreached = { exitCode: 12, errors: expect.stringContaining('Cannot reach') };
const project = (): string => makeProject({ 'crm/syncs/items.ts': syncFile() });

describe('flags', () => {
  it.each<[string[]]>([
    [['-e', 'dev']],
    [['--environment', 'dev', '--integration-id', 'crm']],
    [['-l', '2026-01-31', '--variant', 'base']],
    [['--lastSyncDate', '2026-01-31T08:00:00Z']],
    [['-i', 'plain text', '-m', '{"a":1}', '-c', '{"page":1}']],
    [['--input', '{"a":1}', '--metadata', '{"a":1}', '--checkpoint', '{"page":1}']],
    [['--validate', '--save', '--diagnostics']],
    [['--validation', '--save-responses']],
    [['--auto-confirm', '--debug', '--no-interactive', '--no-dependency-update', '--no-telemetry']],
  ])('dryrun takes %j: it gets as far as the server', async (words) => {
    expect(await runCli(project(), ['dryrun', 'items', 'one', ...nobody, ...words])).toMatchObject(unreached);
  });

  it('deploy -v gives every function that version, and the source is as the environment says', async () => {
    const { host, requests } = await startDeployServer();
    const words = ['deploy', 'prod', '-v', '7.1.0', '-i', 'crm', '--allow-destructive', '--auto-confirm', '--no-interactive'];
    const env = {
      NANGO_HOSTPORT: `${host}/`,
      NANGO_SECRET_KEY_PROD: 'k',
      NANGO_DEPLOY_SOURCE: 'standalone',
      NANGO_DEPLOY_AUTO_CONFIRM: 'true',
      CI: '1',
    };
    expect(await runCli(project(), words, { env })).toMatchObject({ exitCode: 0, errors: '' });
    const sent = requests.at(-1)?.body;
    expect(sent?.flowConfigs.map(({ version }) => version)).toEqual(['7.1.0']);
    expect(sent).toMatchObject({ deployMode: 'integration', source: 'standalone' });
    expect(requests.at(-1)?.headers.authorization).toBe('Bearer k');
  });

  it.each(['BOWLINE_AUTO_CONFIRM', 'NANGO_DEPLOY_AUTO_CONFIRM'])('%s deploys unasked, and deletes nothing by itself', async (variable) => {
    const env = (host: string) => ({ BOWLINE_HOST: host, BOWLINE_SECRET_KEY_DEV: 'k', [variable]: 'true' });
    const kept = await startDeployServer();
    const done = await runCli(project(), ['deploy'], { env: env(kept.host), answers: [] });
    expect(done).toMatchObject({ exitCode: 0, errors: '', questions: [] });
    const losing = await startDeployServer({ plan: { deletedSyncs: [{ name: 'old', providerConfigKey: 'crm' }] } });
    expect(await runCli(project(), ['deploy'], { env: env(losing.host) })).toMatchObject({
      exitCode: 11,
      errors: expect.stringContaining('--allow-destructive'),
    });
    expect(losing.requests.map(({ path }) => path)).toEqual(['/sync/deploy/confirmation']);
  });

  it.each<[string | undefined, number]>([
    [undefined, 2],
    ['false', 2],
    ['true', 0],
  ])('BOWLINE_AUTO_CONFIRM=%s answers what other commands ask: init among other files ends with %d', async (value, exitCode) => {
    const root = makeProject({ 'flows/tsconfig.json': '{}' });
    const env: Record<string, string> = value === undefined ? {} : { BOWLINE_AUTO_CONFIRM: value };
    expect((await runCli(root, ['init', 'flows'], { env })).exitCode).toBe(exitCode);
  });

  it('finds the project where NANGO_INTEGRATIONS_LOCATION says, unless --cwd says another place', async () => {
    const root = makeProject({ 'flows/crm/syncs/items.ts': syncFile(), 'other/hr/syncs/people.ts': syncFile() });
    const compiled = async (words: string[], location: string) => {
      const done = await runCli(root, ['compile', '--json', ...words], { env: { NANGO_INTEGRATIONS_LOCATION: location } });
      return done.output;
    };
    expect(await compiled([], './flows')).toContain('crm/syncs/items.ts');
    expect(await compiled([], join(root, 'flows'))).toContain('crm/syncs/items.ts');
    expect(await compiled(['--cwd', 'other'], './flows')).toContain('hr/syncs/people.ts');
    expect(await compiled(['--cwd', 'flows'], '')).toContain('crm/syncs/items.ts');
  });

  it.each<[string, string]>([
    ['NANGO_CLI_DEPENDENCY_UPDATE', 'false'],
    ['NANGO_CLI_DEPENDENCY_UPDATE', 'true'],
    ['NANGO_CLI_TELEMETRY', 'false'],
    ['NANGO_CLI_DEBUG', 'true'],
    ['NANGO_CLI_UPGRADE_MODE', 'auto'],
    ['NANGO_CLI_UPGRADE_MODE', 'prompt'],
  ])('%s=%s changes nothing: nobody is asked, and package.json stays as it is', async (name, value) => {
    const manifest = '{ "devDependencies": { "nango": "0.1.0" } }';
    const root = makeProject({ 'crm/syncs/items.ts': syncFile(), 'package.json': manifest });
    const done = await runCli(root, ['compile'], { env: { [name]: value }, answers: [] });
    expect(done).toMatchObject({ exitCode: 0, errors: '', questions: [] });
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(manifest);
  });

  it('takes a local environment to the port that the environment names', async () => {
    const env = { NANGO_PORT: '1', NANGO_SECRET_KEY_LOCAL: 'k' };
    expect(await runCli(project(), ['connections', '-e', 'local'], { env })).toMatchObject({
      exitCode: 11,
      errors: expect.stringContaining('http://localhost:1 '),
    });
  });

  it('create takes names as flags, too', async () => {
    const root = makeProject({});
    expect(await runCli(root, ['create', '--integration', 'crm', '--name', 'make', '--action'])).toMatchObject({ exitCode: 0, errors: '' });
  });

  it('says where it lies', async () => {
    for (const word of ['cli-location', 'cli']) expect((await runCli('.', [word])).output).toContain('packages/cli');
  });

  it('reads .env of the project, then that of the current folder; a line without a value is none', async () => {
    const { host, requests } = await startDeployServer();
    const root = makeProject({
      '.env': `BOWLINE_HOST=${host}\nBOWLINE_SECRET_KEY_DEV=outer\n`,
      'flows/crm/syncs/items.ts': syncFile(),
      'flows/.env': 'BOWLINE_SECRET_KEY_DEV=\n',
    });
    expect(await runCli(root, ['deploy', '--cwd', 'flows', '--plan'])).toMatchObject({ exitCode: 0, errors: '' });
    expect(requests[0]?.headers.authorization).toBe('Bearer outer');
  });

  it('takes -o from where one stands', async () => {
    const root = makeProject({ 'flows/crm/syncs/items.ts': syncFile() });
    expect(await runCli(root, ['generate', '--cwd', 'flows', '-o', 'out'])).toMatchObject({ exitCode: 0, errors: '' });
    expect(readFileSync(join(root, 'out/project.ts'), 'utf8')).toContain('items');
  });
});

describe('exit codes', () => {
  const broken = { 'crm/syncs/items.ts': syncFile({ 'every hour': 'never' }) };
  const differs = {
    'crm/syncs/items.ts': syncFile(),
    'crm/tests/items.test.json': JSON.stringify({ bowline: { expect: { error: { message: 'None of these' } } } }),
  };
  const remote = [
    ['deploy'],
    ['connections'],
    ['status', 'crm', 'one'],
    ['records', 'crm', 'one', 'Item'],
    ['logs'],
    ['listen'],
    ['pull', 'crm', 'other', '--sync'],
    ['deployments'],
    ['provider', 'list'],
    ['versions', 'crm', 'items'],
    ['rollback', '--to', '1'],
    ['trigger', 'crm', 'one', 'items'],
  ];

  it.each<[number, string[], Record<string, string>]>([
    ...[['compile'], ['generate'], ['generate:docs'], ['test'], ['deploy', ...nobody], ['dryrun', 'items', 'one', ...nobody]].map(
      (words): [number, string[], Record<string, string>] => [10, words, broken],
    ),
    [10, ['create', 'crm', 'make', '--action'], { 'index.ts': "import './crm/syncs/gone.js';\n" }],
    [10, ['migrate'], { 'nango.yaml': 'integrations: [' }],
    [12, ['dryrun', 'items', 'one', ...nobody], { 'crm/syncs/items.ts': syncFile() }],
    [13, ['test'], differs],
    [10, ['generate:tests'], {}],
    [13, ['generate:tests'], { 'crm/syncs/items.ts': syncFile(), 'crm/tests/items.test.json': '{' }],
    ...remote.map((words): [number, string[], Record<string, string>] => [11, [...words, ...nobody], { 'crm/syncs/items.ts': syncFile() }]),
  ])('%d is what %j ends with, as documented', async (code, words, files) => {
    expect((await runCli(makeProject(files), words)).exitCode).toBe(code);
    const rows = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8').split('\n');
    const row = rows.find((line) => /^\| `[^|]*\| \d\d\b[^|]*\|$/.test(line) && line.includes(`\`${words[0]}\``));
    expect(row?.split('|')[2]?.split(';')[0]).toContain(String(code));
  });
});

describe('manners', () => {
  it('says what it is for without words, and suggests the nearest word', async () => {
    const alone = await runCli('.', []);
    expect(alone).toMatchObject({ exitCode: 0, errors: '', output: expect.stringContaining('bowline init') });
    expect(alone.output.split('\n').length).toBeLessThan(12);
    expect((await runCli('.', ['depoly'])).errors).toContain('Did you mean deploy?');
    expect((await runCli('.', ['deploy', '--paln'])).errors).toContain('Did you mean --plan?');
  });

  it('answers wrong usage with one document where documents are wanted', async () => {
    const done = await runCli('.', ['deploy', '--frobnicate', '--json']);
    expect(done).toMatchObject({ exitCode: 2, errors: '' });
    expect(JSON.parse(done.output)).toMatchObject({ ok: false, error: { exitCode: 2, message: expect.stringContaining('--frobnicate') } });
  });

  it('shows an example with the help of each command, and none of a command that is gone', async () => {
    const { output } = await runCli('.', ['--help']);
    const commands = [...output.matchAll(/^ {2}([a-z][\w:]*)(?:\|\S+)? /gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
    expect(commands.length).toBeGreaterThan(20);
    for (const name of commands.filter((one) => one in examples))
      expect((await runCli('.', [name, '--help'])).output).toContain('Examples:\n  ');
    expect(Object.keys(examples).filter((name) => !commands.includes(name))).toEqual([]);
  });

  it('leaves out how far things are with --quiet, but not what failed', async () => {
    const root = project();
    expect((await runCli(root, ['compile', '-q'])).output).toMatch(/^Compiled 1 function into .*\n$/);
  });

  it('colours as NO_COLOR and FORCE_COLOR say', () => {
    const outside = { write: () => {}, writeError: () => {}, cwd: '.', ask: undefined };
    const coloured = (isTty: boolean, env: Record<string, string>, json = false): boolean =>
      createTerminal({ ...outside, isTty, env }, json).colours.red('x') !== 'x';
    expect(coloured(true, {})).toBe(true);
    expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(true, { TERM: 'dumb' })).toBe(false);
    expect(coloured(false, {})).toBe(false);
    expect(coloured(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true);
    expect(coloured(true, { FORCE_COLOR: '0' })).toBe(false);
    expect(coloured(true, { FORCE_COLOR: '1' }, true)).toBe(false);
  });

  it('says at a terminal what is going on, in a line that leaves nothing behind', async () => {
    let screen = '';
    const write = (text: string): void => {
      screen += text;
    };
    const terminal = createTerminal({ write, writeError: write, env: { NO_COLOR: '1' }, cwd: '.', isTty: true, ask: undefined }, false);
    await terminal.step('Work', async () => {
      for (let tries = 0; tries < 200 && !screen.includes('Work'); tries++) await new Promise((resolve) => setTimeout(resolve, 20));
      terminal.print('in between');
    });
    expect(screen).toMatch(/⠋ Work\r {6}\rin between\n/);
    expect(screen).toMatch(/\r {6}\r✓ Work/);
    expect(screen.split('\n').at(-1)).toBe('');
  });
});
