import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeProject, runCli, syncFile } from './project.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

describe('the command line', () => {
  it('prints help and version with 0', async () => {
    const help = await runCli('.', ['--help']);
    expect(help).toMatchObject({ exitCode: 0, errors: '' });
    for (const word of ['deploy', 'compile', 'init', '--cwd', '--json']) expect(help.output).toContain(word);
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    expect(await runCli('.', ['--version'])).toMatchObject({ exitCode: 0, output: `${version}\n` });
    expect((await runCli('.', ['deploy', '--help'])).output).toContain('--allow-destructive');
  });

  it.each([
    [['depoly']],
    [['deploy', '--frobnicate']],
    [['deploy', 'dev', 'prod']],
    [['deploy', '--host', 'localhost:3003', '--secret-key', 'k']],
    [['compile', '--cwd', '/nowhere']],
  ])('ends wrong usage with 2: %j', async (words) => {
    const { exitCode, errors } = await runCli('.', words);
    expect(exitCode).toBe(2);
    expect(errors).not.toBe('');
  });

  it('colours only for a person', async () => {
    const root = makeProject({ 'crm/syncs/items.ts': syncFile() });
    const coloured = String.fromCharCode(27);
    expect((await runCli(root, ['compile'], { isTty: true })).output).toContain(coloured);
    expect((await runCli(root, ['compile'], { isTty: true, env: { NO_COLOR: '1' } })).output).not.toContain(coloured);
    expect((await runCli(root, ['compile'])).output).not.toContain(coloured);
  }, 60_000);

  it('accepts the flags that CI recipes of the reference command carry', async () => {
    const root = makeProject({ 'crm/syncs/items.ts': syncFile() });
    const { exitCode } = await runCli(root, [
      'compile',
      '--no-interactive',
      '--no-dependency-update',
      '--no-telemetry',
      '--debug',
      '--auto-confirm',
    ]);
    expect(exitCode).toBe(0);
  }, 60_000);
});

describe('bowline init', () => {
  it('makes a project that compiles, and never overwrites one', async () => {
    const root = makeProject({});
    const made = await runCli(root, ['init', 'flows']);
    expect(made).toMatchObject({ exitCode: 0, errors: '' });
    expect(await runCli(root, ['compile', '--cwd', 'flows'])).toMatchObject({ exitCode: 0, errors: '' });
    const again = await runCli(root, ['init', 'flows']);
    expect(again.exitCode).toBe(2);
    expect(again.errors).toContain('already holds');
  }, 60_000);
});

describe('the bundled command', () => {
  it('finds its compiler and types from where it lies, as a process of its own', async () => {
    const folder = mkdtempSync(join(packageFolder, 'test-bundle-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const outfile = join(folder, 'bowline.js');
    await build({
      entryPoints: [join(packageFolder, 'src/bowline.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      plugins: [npmOutside],
      logLevel: 'silent',
    });
    const root = makeProject({ 'crm/syncs/items.ts': syncFile({}, 'bowline') });
    const bad = makeProject({ 'crm/syncs/items.ts': syncFile({ 'every hour': 'never' }, 'bowline') });
    expect(await runNode([outfile, 'compile'], root)).toBe(0);
    expect(await runNode([outfile, 'compile'], bad)).toBe(10);
  }, 60_000);
});

/** As the build has it: what comes from npm is found where the command lies. */
const npmOutside: Plugin = {
  name: 'npm-outside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.startsWith('@bowline/') ? undefined : { path, external: true },
    ),
};

const runNode = (args: string[], cwd: string): Promise<number | null> =>
  new Promise((resolve) => spawn(process.execPath, args, { cwd, stdio: 'ignore' }).on('close', resolve));
