import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { compile } from './compile.ts';

it('infers records, inputs and outputs of a project, and takes every older form of a call', async () => {
  const fixture = fileURLToPath(new URL('inference.fixture.ts', import.meta.url));
  expect(await compile([fixture], { skipLibCheck: true, allowImportingTsExtensions: true })).toBe('');
});
