/** The thread that holds values to schemas, with schemas that mean it ill: whatever they do to the thread, this process goes on. */
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { createSchemaChecks, type SchemaChecks } from '../../src/base/schema-checks.ts';
import { schemaWorkerPath } from '../platform.ts';

const log = pino({ level: 'silent' });
const open: SchemaChecks[] = [];
afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));

let movedMs = 0;
function start(deadlineMs = 60_000, heapMb = 256): SchemaChecks {
  const clock = { now: () => new Date(Date.now() + movedMs) };
  const checks = createSchemaChecks({ log, clock, workerPath: schemaWorkerPath, deadlineMs, heapMb });
  open.push(checks);
  return checks;
}
const ask = (checks: SchemaChecks, schema: object, value: unknown) =>
  checks.check({
    key: JSON.stringify(schema),
    definitions: JSON.stringify({ Model: schema }),
    name: 'Model',
    usage: 'output',
    json: JSON.stringify(value),
  });
const text = { type: 'string' };

test('a value is held to its schema, and what is not declared is right', async () => {
  const checks = start();
  expect(await ask(checks, text, 'a')).toEqual({ faults: [], wrong: [] });
  expect(await ask(checks, text, 1)).toEqual({ faults: [{ path: '', message: 'must be string', index: 0, count: 1 }], wrong: [0] });
  expect(await checks.check({ key: 'k', definitions: '{}', name: 'Model', usage: 'output', json: '1' })).toEqual({ faults: [], wrong: [] });
});

test('of many lines each kind of mistake is told once, with its first place and how often it is there', async () => {
  const schema = { type: 'object', properties: { id: text, tags: { type: 'array', items: text } }, required: ['id'] };
  const lines = [{ id: 'a' }, { id: 1 }, { id: 2 }, { id: 'b', tags: ['x', 3] }, { id: 'c', tags: [4] }].map((one) => JSON.stringify(one));
  const verdict = await start().check({
    key: 'k',
    definitions: JSON.stringify({ Model: schema }),
    name: 'Model',
    usage: 'record',
    lines: Buffer.from(lines.join('\n')),
  });
  expect(verdict).toEqual({
    faults: [
      { path: 'id', message: 'must be string', index: 1, count: 2 },
      { path: 'tags.1', message: 'must be string', index: 3, count: 2 },
    ],
    wrong: [1, 2, 3, 4],
  });
});

/** Alternatives that double at each of 40 levels. */
const doubling = {
  ...{ $ref: '#/definitions/d0' },
  definitions: Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `d${n}`,
      n === 39 ? { const: 1 } : { anyOf: [{ $ref: `#/definitions/d${n + 1}` }, { $ref: `#/definitions/d${n + 1}` }] },
    ]),
  ),
};
test.each([
  ['a pattern that backtracks', { type: 'string', pattern: '^(a|a)*$' }, `${'a'.repeat(60)}b`, 'a'],
  ['alternatives that double', doubling, 2, 1],
  ['all pairs of a long list', { uniqueItems: true }, Array.from({ length: 300_000 }, (_, n) => ({ n })), []],
])('%s: the thread is ended, others are answered, and the schema is not tried again for ten minutes', async (_, schema, value, quick) => {
  const checks = start(1_500);
  const [slow, next] = await Promise.all([ask(checks, schema, value), ask(checks, text, 'a')]);
  expect(slow).toEqual({ unusable: expect.stringContaining('takes too long') });
  expect(next).toEqual({ faults: [], wrong: [] });
  expect(await ask(checks, schema, null)).toEqual(slow);
  movedMs += 11 * 60_000;
  expect(await ask(checks, schema, quick)).toEqual({ faults: [], wrong: [] });
});

test('one that takes all memory ends the thread and nothing else', async () => {
  const checks = start(60_000, 48);
  const hungry = { type: 'array', items: { not: {} } };
  const [told, next] = await Promise.all([
    ask(
      checks,
      hungry,
      Array.from({ length: 500_000 }, () => 1),
    ),
    ask(checks, text, 'a'),
  ]);
  expect(told).toEqual({ unusable: expect.stringContaining('takes too much memory') });
  expect(next).toEqual({ faults: [], wrong: [] });
});

test('a schema of no use is told as such each time', async () => {
  const checks = start();
  for (const _ of [1, 2])
    expect(await ask(checks, { $ref: '#/definitions/Nowhere' }, 1)).toEqual({ unusable: expect.stringContaining('cannot be used') });
});

test('who closes it leaves nobody waiting', async () => {
  const checks = start();
  const waiting = [ask(checks, text, 'a'), ask(checks, text, 'b')];
  await checks.close();
  for (const verdict of await Promise.all(waiting)) expect(verdict).toMatchObject({ unusable: 'The platform is stopping' });
  expect(await ask(checks, text, 'c')).toMatchObject({ unusable: 'The platform is stopping' });
});

test('a thread that does not start is told, and the next question tries again', async () => {
  let path = '/nowhere/worker.mjs';
  const checks = createSchemaChecks({
    log,
    clock: { now: () => new Date() },
    workerPath: async () => (path === '' ? schemaWorkerPath() : path),
  });
  open.push(checks);
  expect(await ask(checks, text, 'a')).toHaveProperty('unusable');
  path = '';
  expect(await ask(checks, { type: 'number' }, 1)).toEqual({ faults: [], wrong: [] });
});
