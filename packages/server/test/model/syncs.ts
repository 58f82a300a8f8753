/** Syncs, runs and deliveries, as the tables of their states have it. */
import { nextState as nextRunState, type RunEvent } from '../../src/runs/run.ts';
import { type DeliveryEvent, nextState as nextDeliveryState } from '../../src/webhooks-out/delivery.ts';
import { judge, momentOf } from './circuit.ts';
import { dropHold, empty, enter, forgetTracking, waiting } from './records.ts';
import { at, type DeliveryRow, type Held, type State, type SyncState } from './state.ts';

type Run = SyncState['runs'][number];
export const runOf = (sync: SyncState, run: number): Run => at(sync.runs, run - 1);
export const isOver = ({ state }: Run): boolean => state !== 'queued' && state !== 'running';

/** @returns whether it was this that moved the run */
export function moveRun(run: Run, event: RunEvent): boolean {
  const next = nextRunState[run.state][event];
  if (next === null) return false;
  run.state = next;
  return true;
}

/** Its slot has come, or it was triggered and waits for room. */
export const isDue = (state: State, index: number): boolean => {
  const { active, paused, removed, next, triggeredAt } = at(state.syncs, index);
  if (removed) return false;
  if (triggeredAt !== null) return triggeredAt <= state.time;
  return active === null && !paused && next <= state.time;
};

/** The first slot is counted from now, so that what was made together does not stay together; later ones that were missed are skipped. */
export function claim(state: State, index: number): void {
  const sync = at(state.syncs, index);
  if (sync.runs.length === 0) sync.next = state.time + sync.frequency;
  else if (sync.next <= state.time) sync.next += (Math.floor((state.time - sync.next) / sync.frequency) + 1) * sync.frequency;
  if (sync.triggeredAt === null) begin(sync);
  sync.triggeredAt = null;
}

function begin(sync: SyncState): void {
  sync.runs.push({ state: 'queued', attempts: 0 });
  sync.active = sync.runs.length;
}

function cancelActive(sync: SyncState): void {
  if (sync.active !== null) moveRun(runOf(sync, sync.active), 'cancel');
}

/** @returns whether a run was made */
export function trigger(state: State, index: number, { reset, emptyCache }: { reset: boolean; emptyCache: boolean }): boolean {
  const sync = at(state.syncs, index);
  if (sync.removed || (sync.active !== null && !reset)) return false;
  if (reset) cancelActive(sync);
  begin(sync);
  sync.triggeredAt ??= state.time;
  if (!reset) return true;
  sync.checkpoint = null;
  sync.succeeded = false;
  if (emptyCache) empty(sync.stream);
  forgetTracking(sync.stream);
  dropHold(sync.stream);
  enter(sync.stream, sync.runs.length);
  return true;
}

export function pause(state: State, index: number): void {
  const sync = at(state.syncs, index);
  if (sync.removed) return;
  cancelActive(sync);
  sync.paused = true;
  sync.active = null;
  sync.triggeredAt = null;
}

export function setFrequency(state: State, index: number, frequency: number): void {
  const sync = at(state.syncs, index);
  sync.frequency = frequency;
  sync.next = Math.min(sync.next, state.time + frequency);
}

export function release(sync: SyncState, run: number): void {
  if (sync.active !== run) return;
  sync.active = null;
  sync.triggeredAt = null;
}

/** The end of a run, told to the app; a run that is over already ends nothing. */
export function finish(state: State, sync: SyncState, run: number, succeeded: boolean): void {
  const ended = moveRun(runOf(sync, run), succeeded ? 'succeed' : 'fail');
  if (ended && succeeded && sync.active === run) sync.succeeded = true;
  release(sync, run);
  if (!ended) return;
  const { connection } = sync;
  if (sync.stream.heldBy === run && waiting(sync.stream).length > 0)
    state.events.push({ type: 'sync.deletions_held', connection, heard: false });
  // Nobody needs to be told where there is no address.
  state.events.push({ type: succeeded ? 'sync.completed' : 'sync.failed', connection, heard: succeeded && !state.hasUrl });
}

/** What those who listen make of an event, once. Webhooks hear all that wait with it, too. */
export function hear(state: State, index: number): void {
  const event = at(state.events, index);
  if (event.heard) return;
  if (event.type === 'connection.deleted') {
    event.heard = true;
    removeSyncs(state, event.connection);
    return;
  }
  const madeAt = momentOf(state);
  for (const [other, waiting] of state.events.entries()) {
    if (waiting.heard || waiting.type === 'connection.deleted') continue;
    waiting.heard = true;
    if (state.hasUrl && !waiting.type.startsWith('endpoint.'))
      state.deliveries.push({ event: other, state: 'pending', attempts: 0, round: 0, madeAt, due: madeAt, isHeld: false });
  }
}

/** Nothing of a deleted connection stays. */
function removeSyncs(state: State, connection: number): void {
  for (const sync of state.syncs.filter((one) => one.connection === connection)) {
    cancelActive(sync);
    sync.removed = true;
    sync.checkpoint = null;
    sync.stream = { exists: false, seq: sync.stream.seq, generation: 0, tracking: null, met: [], heldBy: null, held: [], records: [] };
  }
}

/** Attempts after which a delivery is given up. */
const ATTEMPTS_MAX = 15;
/** Half a day. */
const RETRY_UNITS = 12 / 13;

type Attempt = Extract<Held, { kind: 'attempt' }>;

/** What it says of the endpoint counts whatever becomes of the delivery; its outcome counts for the delivery as it was when the attempt began. */
export function settle(state: State, hand: Attempt, status: number): void {
  judge(state, { ...hand, status });
  const row = state.deliveries.find(({ event }) => event === hand.event);
  if (row?.state !== 'pending' || row.attempts !== hand.attempts || row.round !== hand.round) return;
  row.isHeld = false;
  // One that tries whether a paused endpoint is back goes behind the others, and does not count.
  const isVain = hand.isProbe && status !== 200 && status !== 410;
  if (!isVain) row.attempts++;
  const isLast = row.attempts === ATTEMPTS_MAX && !isVain;
  const event: DeliveryEvent = status === 200 ? 'succeed' : status === 410 || isLast ? 'giveUp' : 'postpone';
  row.state = nextDeliveryState[row.state][event] ?? row.state;
  if (event === 'postpone') row.due = momentOf(state, isVain ? 0 : RETRY_UNITS);
}

/** @returns what its process has in its hands */
export function attempt(state: State, row: DeliveryRow): Attempt {
  row.isHeld = true;
  const { event, attempts, round } = row;
  return { kind: 'attempt', event, attempts, round, isProbe: state.circuit.state === 'paused', begunAt: state.time };
}

/** @returns whether it is sent again */
export function redeliver(state: State, event: number): boolean {
  const row = state.deliveries.find((one) => one.event === event);
  const next = row && nextDeliveryState[row.state].redeliver;
  if (!row || !next) return false;
  Object.assign(row, { state: next, attempts: 0, due: momentOf(state), isHeld: false, round: row.round + 1 });
  return true;
}
