/**
 * What an attempt says of its endpoint: how many deliveries it gets at once, and when it is left alone. Pure.
 * An endpoint that fails is paused: what it should get waits and spends no attempts, but for one delivery at a time that tries whether it is back.
 */
import { type Machine, transition } from '../base/states.ts';

export type CircuitState = 'active' | 'paused';
export type CircuitEvent = 'open' | 'close';
export const nextCircuit: Machine<CircuitState, CircuitEvent> = {
  active: { open: 'paused', close: 'active' },
  paused: { open: null, close: 'active' },
};

export type Circuit = {
  readonly state: CircuitState;
  /** Deliveries at once, 1 to 16. */
  readonly slots: number;
  /** In a row. */
  readonly failures: number;
  /** Since it was paused, all in vain. */
  readonly probes: number;
  readonly failingSince: Date | null;
  /** No attempt before. */
  readonly restUntil: Date | null;
};
export type Attempted = {
  readonly ok: boolean;
  readonly isProbe: boolean;
  /** How long the receiver asked for with 429 or 503. */
  readonly restMs: number;
  readonly at: Date;
  /** Random, 0 to 1. */
  readonly fraction: number;
};

export const SLOTS_MAX = 16;
/** In a row, until it is paused. A receiver that restarts fails as many at once as it was sent, so this is about how soon, not whether. */
export const FAILURES_MAX = 5;
const [SECOND, MINUTE] = [1_000, 60_000];
/** Waits until it is tried again: what was down for an hour is missed for ten minutes at most. */
const PROBE_DELAYS_MS = [5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE] as const;
const JITTER = 0.2;
const REST_MS_MAX = 60 * MINUTE;

export function afterAttempt(circuit: Circuit, { ok, isProbe, restMs, at, fraction }: Attempted): Circuit {
  const { state, slots, failures, probes } = circuit;
  if (ok) {
    const next = { state: transition(nextCircuit, 'close').to, failures: 0, probes: 0, failingSince: null, restUntil: null };
    // From a single one on: whoever has just come back must not be run over by all that waited.
    return { ...next, slots: state === 'paused' ? 1 : Math.min(SLOTS_MAX, slots + 1) };
  }
  const after = (ms: number) => new Date(at.getTime() + ms * (1 - JITTER + 2 * JITTER * fraction));
  const failingSince = circuit.failingSince ?? at;
  if (state === 'paused') {
    if (!isProbe) return circuit; // began before it was paused
    return { ...circuit, failingSince, probes: probes + 1, restUntil: after(delayOf(probes + 1)) };
  }
  const fewer = { ...circuit, failingSince, slots: Math.max(1, Math.floor(slots / 2)) };
  // Who says when to come back is not dead.
  if (restMs > 0) return { ...fewer, restUntil: latest(circuit.restUntil, new Date(at.getTime() + Math.min(restMs, REST_MS_MAX))) };
  if (failures + 1 < FAILURES_MAX) return { ...fewer, failures: failures + 1 };
  return { ...fewer, state: transition(nextCircuit, 'open').to, failures: failures + 1, probes: 0, restUntil: after(delayOf(0)) };
}

const delayOf = (probes: number) => PROBE_DELAYS_MS[probes] ?? PROBE_DELAYS_MS[6];
const latest = (one: Date | null, other: Date) => (one && one > other ? one : other);
