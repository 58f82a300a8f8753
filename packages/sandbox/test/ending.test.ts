import type { RunError } from '@bowline/api/sandbox-message';
import { expect, test } from 'vitest';
import { bounded, ended } from '../src/ending.ts';

const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const error = (more: Partial<RunError>): RunError => ({ type: 'script_internal_error', message: 'm', ...more });

test.each([
  ['2 MB and a byte', `"${'x'.repeat(2 * 1024 * 1024 - 1)}"`, 'script_output_too_large'],
  ['no JSON', '{"a":', 'invalid_action_output'],
  ['nothing', '', 'invalid_action_output'],
  ['a thousand levels', deep(1000), 'invalid_action_output'],
])('an output of %s is refused', (_what, text, type) => {
  expect(ended(Buffer.from(text))).toMatchObject({ ok: false, error: { type } });
});

test.each(['null', `"${'x'.repeat(2 * 1024 * 1024 - 2)}"`, deep(400)])('an output within bounds is handed on as it is', (text) => {
  const output = Buffer.from(text);
  const outcome = ended(output);
  expect(outcome.ok && outcome.output).toBe(output);
});

test('an error is cut, flattened and freed of what no database stores', () => {
  expect(bounded(error({ message: 'x'.repeat(50_000) })).message).toHaveLength(10_000 + '… (cut)'.length);
  const nested: unknown = JSON.parse(deep(1000));
  const upstream = { status: 500, headers: {}, body: nested };
  const flat = { message: expect.stringContaining('levels') };
  expect(bounded(error({ payload: nested, upstream }))).toEqual(error({ payload: flat, upstream: { ...upstream, body: flat } }));
  const odd = { 'k\0': ['a\0b', '\ud800c', '\\u0000', 'é😀'] };
  expect(bounded(error({ message: 'a\0b', payload: odd }))).toEqual(
    error({ message: 'ab', payload: { k: ['ab', 'c', '\\u0000', 'é😀'] } }),
  );
});
