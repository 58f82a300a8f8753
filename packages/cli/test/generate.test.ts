/** `bowline generate`: what it writes holds in a real type-checker and in a real validator. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { typeOf } from '../src/generate/typescript.ts';
import { makeProject, runCli } from './project.ts';

const within = 120_000;
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const head = "import { createAction, createSync } from 'bowline';\nimport { z } from 'zod';\nvoid createAction; void createSync;\n";
const project = {
  'github/syncs/issues.ts': `${head}export default createSync({ description: 'd', frequency: 'every hour', endpoints: [{ method: 'GET', path: '/issues' }],
    models: { GithubIssue: z.object({ id: z.string(), title: z.string().describe('What it says.'), 'is-open': z.boolean().optional(), labels: z.array(z.enum(['a', 'b'])) }) }, exec: async () => {} });\n`,
  'github/actions/create-issue.ts': `${head}export default createAction({ description: 'd', input: z.object({ title: z.string() }), output: z.object({ id: z.string() }), exec: async () => ({ id: '1' }) });\n`,
  'gitlab/actions/create-issue.ts': `${head}export default createAction({ description: 'd', input: z.object({ name: z.string() }), output: z.object({ id: z.string() }), exec: async () => ({ id: '1' }) });\n`,
  'github/actions/ping.ts': `${head}export default createAction({ description: 'd', input: z.void(), output: z.string().nullable(), exec: async () => null });\n`,
};
const uses = (line: string) => `import { Bowline } from '${repository}packages/node/src/index.ts';
import type { GithubIssue, Project } from './generated/project.ts';
const client = new Bowline<Project>({ secretKey: 'k' });
${line}
`;

it(
  'the types hold the calls of the client to the project',
  async () => {
    const root = makeProject({ ...project, 'package.json': '{ "type": "module" }' });
    expect(await runCli(root, ['generate'])).toMatchObject({ exitCode: 0, errors: '' });
    const check = async (line: string) => {
      writeFileSync(join(root, 'app.ts'), uses(line));
      const args = [
        join(repository, 'node_modules/typescript/bin/tsc'),
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--skipLibCheck',
        '--allowImportingTsExtensions',
        '--typeRoots',
        join(repository, 'node_modules/@types'),
        '--types',
        'node',
        join(root, 'app.ts'),
      ];
      return promisify(execFile)(process.execPath, args).then(
        () => 'holds',
        ({ stdout }: { stdout: string }) => stdout,
      );
    };
    const right = `
      const { records } = await client.listRecords({ providerConfigKey: 'github', connectionId: 'c', model: 'GithubIssue' });
      export const titles: string[] = records.map((record) => record.title);
      export const made: { id: string } = await client.triggerAction('github', 'c', 'create-issue', { title: 'a' });
      export const other = await client.triggerAction('gitlab', 'c', 'create-issue', { name: 'a' });
      export const pong: string | null = await client.triggerAction('github', 'c', 'ping');
      export const issue: GithubIssue = { id: '1', title: 't', labels: ['a'] };`;
    expect(await check(right)).toBe('holds');
    const wrong = [
      "await client.listRecords({ providerConfigKey: 'github', connectionId: 'c', model: 'Issue' });",
      "await client.triggerAction('github', 'c', 'create-isue', { title: 'a' });",
      "await client.triggerAction('github', 'c', 'create-issue', { title: 1 });",
      "export const issue: GithubIssue = { id: '1', title: 't', labels: ['c'] };",
    ];
    const told = await check(wrong.join('\n'));
    expect([...new Set([...told.matchAll(/app\.ts\((\d+),/g)].map(([, line]) => Number(line)))]).toEqual([4, 5, 6, 7]);
  },
  within,
);

it(
  'schemas and an OpenAPI document name every model, input and output, and no reference dangles',
  async () => {
    const root = makeProject(project);
    expect((await runCli(root, ['generate', '--out', 'made', '--host', 'https://b.example.com'])).exitCode).toBe(0);
    const { definitions } = JSON.parse(readFileSync(join(root, 'made/schemas.json'), 'utf8'));
    expect(Object.keys(definitions).sort()).toEqual([
      'ActionInput_github_createissue',
      'ActionInput_github_ping',
      'ActionInput_gitlab_createissue',
      'ActionOutput_github_createissue',
      'ActionOutput_github_ping',
      'ActionOutput_gitlab_createissue',
      'GithubIssue',
    ]);
    const text = readFileSync(join(root, 'made/openapi.json'), 'utf8');
    const { paths, components, servers } = JSON.parse(text);
    expect(Object.keys(paths)).toEqual(['/action/trigger', '/records', '/v1/issues']);
    expect(servers).toEqual([{ url: 'https://b.example.com' }]);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(Object.keys(components.schemas)).toContain(name);
  },
  within,
);

it.each([
  [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, '(string | null)[]'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ enum: ['a', 1, null] }, '"a" | 1 | null'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
  [{ type: 'object', properties: { a: { type: 'integer' } }, additionalProperties: {} }, '{\n  a?: number;\n  [key: string]: unknown;\n}'],
  [{ allOf: [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, {}] }, '(string | number) & unknown'],
  [{ type: 'array', prefixItems: [{ type: 'string' }, { const: 1 }] }, '[string, 1]'],
  [
    { type: 'object', properties: { a: { type: 'string', description: 'ends */ here' } }, required: ['a'] },
    '{\n  /** ends *\u200b/ here */\n  a: string;\n}',
  ],
  [{}, 'unknown'],
  [false, 'never'],
])('%j is %s', (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});
