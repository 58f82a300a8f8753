/** The endpoint that all deliveries go to, as the table of its states has it: when it is left alone, what it gets at once, and in which order. */
import { type CircuitState, nextCircuit } from '../../src/webhooks-out/circuit.ts';
import type { DeliveryRow, State } from './state.ts';

/** `restUntil`: in units. Every rest ends between this unit and the next. */
export type Circuit = { state: CircuitState; slots: number; failures: number; probes: number; restUntil: number | null };

export const freshCircuit = (): Circuit => ({ state: 'active', slots: 16, failures: 0, probes: 0, restUntil: null });
const SLOTS_MAX = 16;
const FAILURES_MAX = 5;

/** In the order of `next_at`: what is later by less than a unit is so by its tick. */
export type Moment = readonly [units: number, tick: number];
export const momentOf = (state: State, units = 0): Moment => [state.time + units, ++state.ticks];
const isBefore = (one: Moment, other: Moment) => one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);

type Answered = { readonly status: number; readonly isProbe: boolean; readonly begunAt: number };

/** What an answer says of the endpoint, whatever becomes of the delivery. */
export function judge(state: State, { status, isProbe, begunAt }: Answered): void {
  const { circuit } = state;
  const before = circuit.state;
  if (status === 200) {
    const slots = before === 'paused' ? 1 : Math.min(SLOTS_MAX, circuit.slots + 1);
    Object.assign(circuit, { ...freshCircuit(), state: nextCircuit[before].close, slots });
    if (before === 'paused') resume(state);
  } else if (before === 'paused') {
    if (isProbe) Object.assign(circuit, { probes: circuit.probes + 1, restUntil: begunAt + 1 });
  } else {
    circuit.slots = Math.max(1, Math.floor(circuit.slots / 2));
    if (status === 503) circuit.restUntil = Math.max(circuit.restUntil ?? begunAt + 1, begunAt + 1);
    else if (++circuit.failures === FAILURES_MAX) {
      Object.assign(circuit, { state: nextCircuit[before].open, probes: 0, restUntil: begunAt + 1 });
      state.events.push({ type: 'endpoint.paused', connection: -1, heard: false });
    }
  }
}

/** What waits is due in the order in which it was made. */
function resume(state: State): void {
  for (const row of state.deliveries) if (row.state === 'pending' && !row.isHeld && isBefore(row.madeAt, row.due)) row.due = row.madeAt;
  state.events.push({ type: 'endpoint.resumed', connection: -1, heard: false });
}

/** The deliveries that are taken: those due for the longest, as many as it has room for; of a paused one a single one, once its rest is over. */
export function takeDue({ circuit, deliveries, time }: State, room: number): DeliveryRow[] {
  if (circuit.restUntil !== null && circuit.restUntil > time) return [];
  const held = deliveries.filter(({ isHeld }) => isHeld).length;
  const free = Math.min(room, (circuit.state === 'paused' ? 1 : circuit.slots) - held);
  const due = deliveries.filter((row) => row.state === 'pending' && !row.isHeld && row.due[0] <= time);
  return inTheirOrder(due).slice(0, Math.max(0, free));
}

/** By their time; what was made together is in the order of its making, as sorting is stable. */
export const inTheirOrder = (rows: readonly DeliveryRow[]) =>
  rows.toSorted((one, other) => (isBefore(one.due, other.due) ? -1 : isBefore(other.due, one.due) ? 1 : 0));
