/** `bowline generate:docs` and `generate:tests`: files for people and for Vitest, of real projects. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleOf } from 'bowline/generate/example';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../../scripts/build.mjs';
import { makeProject, runCli, syncFile } from './project.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const held = { exitCode: 0, errors: '' };
const read = (root: string, file: string): string => readFileSync(join(root, file), 'utf8');

beforeAll(async () => build(['template sources', 'vitest plugin']));

const started = async (...templates: string[]): Promise<string> => {
  const root = makeProject({});
  expect(await runCli(root, ['init', '.', ...templates.flatMap((name) => ['--template', name])])).toMatchObject(held);
  return root;
};

describe('bowline generate:docs', () => {
  it('says of each function what it does, when it runs, what goes in and what comes out', async () => {
    const root = await started('github/issues', 'github/create-issue');
    expect(await runCli(root, ['generate:docs'])).toMatchObject({ ...held, output: expect.stringContaining('Wrote 2 pages.') });
    const sync = read(root, 'github/syncs/issues.md');
    for (const part of [
      'Issues of all repositories',
      'every 5 minutes',
      '`repo`',
      '## Records: Issue',
      '| `title` | `string` | always |',
      '## Metadata',
    ])
      expect(sync).toContain(part);
    const action = read(root, 'github/actions/create-issue.md');
    expect(action).toContain('| `repo` | `string` | always | owner/name |');
    expect(action).toMatch(/## Output[\s\S]*"number": 1/);
  });

  it('keeps what was written below the divider, and a page that somebody else began', async () => {
    const root = await started('github/issues', 'github/whoami');
    await runCli(root, ['generate:docs', '-p', 'github/syncs']);
    expect(existsSync(join(root, 'github/actions/whoami.md'))).toBe(false);
    writeFileSync(
      join(root, 'github/syncs/issues.md'),
      `${read(root, 'github/syncs/issues.md').replace('# github: issues', '# old')}\nOur own words.\n`,
    );
    writeFileSync(join(root, 'github/actions/whoami.md'), '# Begun by hand\n');
    expect(await runCli(root, ['generate:docs'])).toMatchObject(held);
    expect(read(root, 'github/syncs/issues.md')).toMatch(/^# github: issues[\s\S]*\nOur own words\.\n$/);
    expect(read(root, 'github/actions/whoami.md')).toMatch(/^# github: whoami[\s\S]*kept\. -->\n# Begun by hand\n$/);
    expect(await runCli(root, ['generate:docs'])).toMatchObject({ ...held, output: expect.stringContaining('up to date') });
  });

  it('ends with 10, 2 or 1 where it did not write', async () => {
    const root = makeProject({ 'crm/syncs/items.ts': syncFile() });
    expect(await runCli(root, ['generate:docs', '-p', 'other'])).toMatchObject({ exitCode: 2 });
    mkdirSync(join(root, 'crm/syncs/items.md/x'), { recursive: true });
    expect(await runCli(root, ['generate:docs'])).toMatchObject({ exitCode: 1, errors: expect.stringMatching(/items\.md cannot be read/) });
    rmSync(join(root, 'crm/syncs/items.md'), { recursive: true });
    writeFileSync(join(root, 'crm/syncs/items.ts'), syncFile({ 'every hour': 'never' }));
    expect(await runCli(root, ['generate:docs'])).toMatchObject({ exitCode: 10 });
  });
});

describe('an example of a schema', () => {
  it.each<[object, unknown]>([
    [{ type: 'string', examples: ['Ann'] }, 'Ann'],
    [{ enum: ['a', 'b'] }, 'a'],
    [{ anyOf: [{ type: 'null' }, { type: 'string', format: 'email' }] }, 'ann@example.com'],
    [{ type: ['null', 'integer'], minimum: 5 }, 5],
    [{ type: 'number', maximum: -2 }, -2],
    [{ type: 'array', items: { $ref: '#/definitions/Item' } }, [{ id: 'text' }]],
    [{ type: 'object', additionalProperties: { type: 'boolean' } }, { key: true }],
    [
      {
        allOf: [
          { type: 'object', properties: { a: { const: 1 } } },
          { type: 'object', properties: { b: { default: 2 } } },
        ],
      },
      { a: 1, b: 2 },
    ],
    [{}, null],
  ])('%j', (schema, example) => {
    expect(exampleOf(schema, { Item: { type: 'object', properties: { id: { type: 'string' } } } })).toEqual(example);
  });

  it('ends where a model holds itself', () => {
    const Tree = { type: 'object', properties: { below: { type: 'array', items: { $ref: '#/definitions/Tree' } } } };
    expect(JSON.stringify(exampleOf(Tree, { Tree })).length).toBeLessThan(200);
  });
});

describe('bowline generate:tests', () => {
  it('writes test files that pass under Vitest, with a clock where one was recorded, and leaves those that are yours', async () => {
    const root = await started('github/issues', 'github/create-issue', 'slack/users');
    const config = `import { bowline } from '${repository}packages/cli/dist/vitest.js';\nexport default { plugins: [bowline()] };\n`;
    writeFileSync(join(root, 'vitest.config.mts'), config);
    mkdirSync(join(root, 'slack/tests'), { recursive: true });
    writeFileSync(join(root, 'slack/tests/slack-users.test.ts'), '// mine\n');
    const done = await runCli(root, ['generate:tests', '--json']);
    expect(done).toMatchObject(held);
    expect(JSON.parse(done.output)).toEqual({
      ok: true,
      written: ['github/tests/github-issues.test.ts', 'github/tests/github-create-issue.test.ts'],
      kept: ['slack/tests/slack-users.test.ts'],
    });
    expect(read(root, 'vitest.config.mts')).toBe(config);
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
    const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', '--root', root, 'github'], { encoding: 'utf8' });
    expect(stdout).toMatch(/Tests .*2 passed/);
    expect(status).toBe(0);
    expect(await runCli(root, ['generate:tests'])).toMatchObject(held);
  });

  it('writes the configuration where there is none', async () => {
    const root = await started('github/whoami');
    expect(await runCli(root, ['generate:tests', '-a', 'whoami'])).toMatchObject(held);
    expect(read(root, 'vitest.config.ts')).toContain("from 'bowline/vitest'");
  });

  it('ends with 2 where there is nothing to write, and 13 where a recording cannot be read', async () => {
    const root = makeProject({ 'crm/syncs/items.ts': syncFile() });
    expect(await runCli(root, ['generate:tests'])).toMatchObject({ exitCode: 2, errors: expect.stringContaining('no recordings') });
    expect(await runCli(root, ['generate:tests', '-s', 'other'])).toMatchObject({ exitCode: 2 });
    mkdirSync(join(root, 'crm/tests'));
    writeFileSync(join(root, 'crm/tests/items.test.json'), '{');
    expect(await runCli(root, ['generate:tests'])).toMatchObject({ exitCode: 13 });
    expect(existsSync(join(root, 'vitest.config.ts'))).toBe(false);
  });
});
