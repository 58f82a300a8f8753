import { expect, test } from 'vitest';
import { afterAttempt, type Circuit, FAILURES_MAX, SLOTS_MAX } from '../../src/webhooks-out/circuit.ts';

const at = new Date('2026-01-02T03:04:05Z');
const fresh: Circuit = { state: 'active', slots: SLOTS_MAX, failures: 0, probes: 0, failingSince: null, restUntil: null };
const failed = { ok: false, isProbe: false, restMs: 0, at, fraction: 0.5 };
const probe = { ...failed, isProbe: true };
const ok = { ...failed, ok: true };
const all = (circuit: Circuit, attempts: readonly (typeof failed)[]) => attempts.reduce(afterAttempt, circuit);
const wait = ({ restUntil }: Circuit) => restUntil && (restUntil.getTime() - at.getTime()) / 1_000;

test('five failures in a row pause an endpoint; a success between begins anew', () => {
  const most = Array(FAILURES_MAX - 1).fill(failed);
  expect(all(fresh, most)).toMatchObject({ state: 'active', slots: 1, failingSince: at });
  expect(all(fresh, [...most, ok, ...most])).toMatchObject({ state: 'active' });
  expect(all(fresh, [...most, failed])).toMatchObject({ state: 'paused', failures: 5, failingSince: at });
});

test('a paused endpoint is tried after 5 s, then less often, every ten minutes at last; what was under way when it was paused says nothing', () => {
  let circuit = all(fresh, Array(FAILURES_MAX).fill(failed));
  expect(all(circuit, Array(11).fill(failed))).toEqual(circuit);
  const waits = [wait(circuit)];
  for (let probes = 0; probes < 8; probes++) {
    circuit = afterAttempt(circuit, probe);
    waits.push(wait(circuit));
  }
  expect(waits).toEqual([5, 15, 30, 60, 120, 300, 600, 600, 600]);
});

test('one that is back gets one delivery at a time, then more with each that arrives', () => {
  const paused = all(fresh, Array(FAILURES_MAX).fill(failed));
  const back = afterAttempt(paused, { ...ok, isProbe: true });
  expect(back).toEqual({ ...fresh, slots: 1 });
  expect(all(back, Array(3).fill(ok)).slots).toBe(4);
  expect(all(back, Array(99).fill(ok))).toEqual(fresh);
});

test('one that asks for time rests for so long, an hour at most, and is not paused for it', () => {
  const asked = all(fresh, Array(9).fill({ ...failed, restMs: 30_000 }));
  expect([asked.state, wait(asked)]).toEqual(['active', 30]);
  expect(wait(all(fresh, [{ ...failed, restMs: 1e12 }]))).toBe(3_600);
  expect(
    wait(
      all(fresh, [
        { ...failed, restMs: 60_000 },
        { ...failed, restMs: 1_000 },
      ]),
    ),
  ).toBe(60);
});
