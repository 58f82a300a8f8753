/**
 * Hostile functions, one after the other. Each must end as its row says; afterwards an honest function works, every process that was taken is
 * gone again, and nothing was written to disk.
 */
import { existsSync } from 'node:fs';
import { createSandboxes, type Sandboxes } from '@bowline/sandbox/pool';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../runner/build.mjs';
import { escapes } from './escape-cases.ts';
import { sandboxProcesses, trial } from './sandbox-trial.ts';

const WARM = 1;
let sandboxes: Sandboxes;
let kept: Sandboxes;

beforeAll(async () => {
  const runnerPath = await build();
  kept = createSandboxes({ log: pino({ level: 'silent' }), runnerPath, warm: 0, graceMs: 300 });
  // A process is not kept after its run, so that what is left over can be counted.
  sandboxes = createSandboxes({ log: pino({ level: 'silent' }), runnerPath, warm: WARM, idleMs: 0, graceMs: 300 });
});
afterAll(() => Promise.all([sandboxes.close(), kept.close()]));

async function nothingIsLeft(): Promise<void> {
  const honest = await trial(sandboxes, `return { token: await nango.getToken(), sum: [1, 2].reduce((a, b) => a + b) }`, {
    onCall: async () => ({ value: 'token' }),
  });
  expect(honest.error).toBeUndefined();
  expect(honest.output).toEqual({ token: 'token', sum: 3 });
  await expect.poll(() => sandboxes.stats(), { timeout: 10_000 }).toMatchObject({ processes: WARM, blank: WARM, running: 0, waiting: 0 });
  expect(sandboxProcesses()).toHaveLength(WARM);
  expect(existsSync('/tmp/bowline-escape')).toBe(false);
}

describe.each(Object.entries(escapes))('a function that tries %s', (_about, cases) => {
  afterEach(nothingIsLeft);
  test.each(cases.map((one) => [one.what, one] as const))(
    '%s: ends as it must, and harms nobody',
    async (_what, { body, ends, timeoutMs, kind }) => {
      const { output, error } = await trial(sandboxes, body, {
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        run: { kind: kind ?? 'action' },
        onCall: async () => ({ value: 'token' }),
      });
      if (ends === 'harmless') return;
      if ('error' in ends) expect(ends.error, `${error?.message.slice(0, 200)} ${typeof output}`).toContain(error?.type);
      else expect({ output, error }).toEqual({ output: ends.output, error: undefined });
    },
  );
});

/** The same code, as another connection has it; where the process lived on, in that process. */
describe.each(Object.entries(escapes))('the connection after one whose function tried %s', (_about, cases) => {
  const honest = `if (input.honest) return { token: await nango.getToken(), sum: [1, 2].reduce((a, b) => a + b), more: Object.keys(Object.prototype), json: JSON.stringify({ a: [1] }) };`;

  test.each(cases.filter(({ body }) => !body.includes('module.exports')).map((one) => [one.what, one] as const))(
    '%s: is served as if nothing had been',
    async (what, { body, timeoutMs, kind }) => {
      const both = { owner: what, onCall: async () => ({ value: 'token' }) };
      const kinds = { kind: kind ?? 'action' } as const;
      const hostile = { ...both, key: 'a', run: { ...kinds, input: {} }, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
      await trial(kept, `${honest} ${body}`, hostile);
      await expect.poll(() => kept.stats().cleaning, { timeout: 10_000 }).toBe(0);
      const next = await trial(kept, `${honest} ${body}`, { ...both, key: 'b', run: { kind: 'action', input: { honest: true } } });
      expect(next).toMatchObject({
        output: { token: 'token', sum: 3, more: [], json: '{"a":[1]}' },
        error: undefined,
        lines: [],
        calls: [{ method: 'token.get' }],
      });
    },
  );
});
