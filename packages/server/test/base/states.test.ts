import { expect, test } from 'vitest';
import { transition } from '../../src/base/states.ts';
import * as runs from '../../src/runs/run.ts';
import * as deliveries from '../../src/webhooks-out/delivery.ts';

test('a statement gets the states it may leave and the one it leads to', () => {
  expect(transition(runs.nextState, 'start')).toEqual({ from: ['queued', 'running'], to: 'running' });
  expect(transition(runs.nextState, 'succeed')).toEqual({ from: ['running'], to: 'success' });
  expect(transition(deliveries.nextState, 'redeliver')).toEqual({ from: ['delivered', 'failed'], to: 'pending' });
});

test('an event that leads nowhere, or to two states, is refused: no statement could be its', () => {
  expect(() => transition({ a: { go: null } }, 'go')).toThrow('"go" leads to nothing');
  expect(() => transition({ a: { go: 'b' }, b: { go: 'a' } }, 'go')).toThrow('several states');
});

test.each([
  ['runs', runs.nextState, ['start', 'succeed', 'fail', 'cancel']],
  ['deliveries', deliveries.nextState, ['succeed', 'postpone', 'giveUp', 'redeliver']],
] as const)('every event of %s has one state it leads to', (_what, machine, events) => {
  for (const event of events) expect(() => transition<string, string>(machine, event)).not.toThrow();
});
