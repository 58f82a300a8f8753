import { beforeAll, describe, expect, test } from 'vitest';
import { type Platform, startPlatform } from '../platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});

const compile = (code: string, headers?: Record<string, string>) => platform.call('POST', '/functions/compile', { code }, headers);
const action = (exec: string, before = '') => `import { createAction } from 'nango';
import * as z from 'zod';
${before}
export default createAction({ description: 'd', input: z.void(), output: z.string(), exec: async (nango): Promise<string> => { ${exec} } });`;
const refusal = (...messages: RegExp[]) => ({
  status: 400,
  body: {
    error: {
      code: 'compilation_error',
      payload: { diagnostics: messages.map((message) => ({ severity: 'error', message: expect.stringMatching(message) })) },
    },
  },
});

test('a source compiles to what runs, with its size', async () => {
  const { status, body } = await compile(action(`return 'x';`));
  expect(status).toBe(200);
  expect(body).toEqual({
    bundle_size_bytes: Buffer.byteLength(body.bundled_js),
    bundled_js: expect.stringContaining('module.exports'),
    compiled_at: expect.stringMatching(/Z$/),
  });
  expect(body.bundled_js).not.toContain(': Promise<string>');
});

describe('refuses, and says where,', () => {
  test('what does not parse', async () => {
    const answer = await compile('export default {\n  a: ,\n};');
    expect(answer).toMatchObject(refusal(/Unexpected/));
    expect(answer.body.error).toMatchObject({
      message: expect.stringMatching(/^function\.ts:2:6: /),
      payload: { diagnostics: [{ line: 2 }] },
    });
  });

  test.each([
    ['an import of a module of Node', action('return fs.name;', `import fs from 'node:fs';`), [/not available/]],
    ['an import of a file', action('return a;', `import a from '../../package.json';`), [/no other files/]],
    ['no default export', 'export const a = 1;', [/default export/]],
    [
      'an option left out',
      `import { createAction } from 'nango'; export default createAction({ exec: async () => {} });`,
      [/description/, /input/, /output/],
    ],
    ['a frequency that is none', syncWith(`frequency: 'sometimes'`), [/frequency/]],
    ['a call whose result is dropped', action(`nango.get({ endpoint: '/' }); return 'x';`), [/not awaited/]],
    [
      'an on-event function',
      `import { createOnEvent } from 'nango'; export default createOnEvent({ description: 'd', event: 'validate-connection', exec: async () => {} });`,
      [/bowline command/],
    ],
    ['a file that throws', action(`return 'x';`, `throw new Error('while loading');`), [/while loading/]],
  ])('%s', async (_what, code, messages) => {
    expect(await compile(code)).toMatchObject(refusal(...messages));
  });

  test('no text, and more than a function can be', async () => {
    expect(await compile('')).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
    expect(await compile('1;'.repeat(50_001))).toMatchObject({ status: 400, body: { error: { code: 'invalid_body' } } });
  });

  test('a key without the right', async () => {
    const authorization = `Bearer ${await platform.keyOf('dev', ['environment:deploy'])}`;
    expect(await compile('1', { authorization })).toMatchObject({ status: 403 });
  });
});

function syncWith(options: string): string {
  return `import { createSync } from 'nango';
import * as z from 'zod';
export default createSync({ description: 'd', ${options}, models: { Item: z.object({ id: z.string() }) }, exec: async () => {} });`;
}

/** Each looks for something that code in the server's own process would find. */
describe('code that is compiled never runs in the server', () => {
  test.each([
    ['the process', `typeof process === 'undefined' ? 'none' : String(process.pid)`],
    [
      'files',
      `(() => { try { return typeof Deno === 'undefined' ? 'none' : Deno.readTextFileSync('/etc/hostname'); } catch (error) { return 'none'; } })()`,
    ],
    ['modules', `(() => { try { return require(String('child_process')) && 'found'; } catch { return 'none'; } })()`],
    [
      'the constructor of functions',
      `(() => { try { return (async () => {}).constructor('return process.env.HOME')() && 'asked'; } catch { return 'none'; } })()`,
    ],
  ])('%s', async (_what, look) => {
    const { body } = await compile(action(`return 'x';`, `const seen = ${look};\nif (true) throw new Error('saw ' + seen);`));
    expect(body.error.message).toMatch(/saw (none|asked|undefined)/);
  });

  test('a loop at the top level ends, and the next source compiles', async () => {
    expect(await compile(action(`return 'x';`, 'while (true) {}'))).toMatchObject(refusal(/did not finish/));
    expect((await compile(action(`return 'x';`))).status).toBe(200);
  });

  test('memory without end ends, and the next source compiles', async () => {
    const hoard = 'const all: unknown[] = [];\nfor (;;) all.push(new Array(100_000).fill(Math.random()));';
    expect(await compile(action(`return 'x';`, hoard))).toMatchObject(refusal(/memory/i));
    expect((await compile(action(`return 'x';`))).status).toBe(200);
  });

  test.each([
    [
      'another name',
      `Object.prototype.toJSON = function () { return this.flow ? { ...this, flow: { ...this.flow, syncName: 'other' } } : this; };`,
    ],
    ['nonsense', `JSON.stringify = () => '{"problems":"none"}';`],
    ['no JSON', `JSON.stringify = () => '{{{';`],
    [
      'a prototype',
      `JSON.stringify = () => '{"problems":[],"flow":{"__proto__":{"polluted":true},"type":"action","models":[],"runs":null}}';`,
    ],
  ])('what it answers is not trusted: %s', async (_what, before) => {
    const { status, body } = await compile(action(`return 'x';`, before));
    expect([200, 400]).toContain(status);
    if (status === 400) expect(body.error.code).toBe('compilation_error');
    expect(Object(undefined).polluted).toBeUndefined();
  });
});
