import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeFailures, isPassing } from '../src/failures.ts';

test('docs/failures.md shows the table as it is', () => {
  const page = readFileSync(new URL('../../../docs/failures.md', import.meta.url), 'utf8');
  expect(page).toContain(describeFailures());
});

test.each([
  [{ type: 'script_network_error' }, true],
  [{ type: 'script_internal_error' }, false],
  [{ type: 'script_http_error' }, false],
  [{ type: 'script_http_error', upstream: { status: 404, headers: {} } }, false],
  [{ type: 'script_http_error', upstream: { status: 429, headers: {} } }, true],
  [{ type: 'script_http_error', upstream: { status: 503, headers: {} } }, true],
] as const)('%j may pass: %s', (error, may) => {
  expect(isPassing(error)).toBe(may);
});
