/**
 * The states of a sync and what each event makes of them, as one total table. A state is not stored: it is read off the columns of the row,
 * so that a row says it once. The life of a single run is the table of runs/run.ts.
 */
import type { Machine } from '../base/states.ts';
import type { Sync } from './sync.ts';

/**
 * idle: waits for its slot. waiting: was triggered; its run is there and waits for room. active: its run may be taken, or is under way.
 * paused: only a trigger runs it; pausedWaiting and pausedActive: one did. removed: its function, variant, connection or environment is gone.
 */
export const syncStates = ['idle', 'waiting', 'active', 'paused', 'pausedWaiting', 'pausedActive', 'removed'] as const;
export type SyncState = (typeof syncStates)[number];

/**
 * claim: there is room for the run it wants. trigger: a run was asked for. reset: a run from the start was asked for; what runs is cancelled.
 * pause: what waits or runs is cancelled. start: back on schedule. end: its run ended, however. remove: what waits or runs is cancelled.
 */
export const syncEvents = ['claim', 'trigger', 'reset', 'pause', 'start', 'end', 'remove'] as const;
export type SyncEvent = (typeof syncEvents)[number];

const over = { claim: null, trigger: null, reset: null, pause: null, start: null, end: null, remove: null };
/** A run ends for the sync that holds it, and for no other; one that waits has no job that could end it. */
export const nextSyncState: Machine<SyncState, SyncEvent> = {
  idle: { claim: 'active', trigger: 'waiting', reset: 'waiting', pause: 'paused', start: null, end: null, remove: 'removed' },
  waiting: { claim: 'active', trigger: null, reset: 'waiting', pause: 'paused', start: null, end: null, remove: 'removed' },
  active: { claim: null, trigger: null, reset: 'waiting', pause: 'paused', start: null, end: 'idle', remove: 'removed' },
  paused: { claim: null, trigger: 'pausedWaiting', reset: 'pausedWaiting', pause: null, start: 'idle', end: null, remove: 'removed' },
  pausedWaiting: {
    claim: 'pausedActive',
    trigger: null,
    reset: 'pausedWaiting',
    pause: 'paused',
    start: 'waiting',
    end: null,
    remove: 'removed',
  },
  pausedActive: { claim: null, trigger: null, reset: 'pausedWaiting', pause: 'paused', start: 'active', end: 'paused', remove: 'removed' },
  removed: over,
};

/** Of a sync that is not removed: removed rows are not read. */
export function stateOfSync(sync: Pick<Sync, 'paused' | 'activeRun' | 'triggeredAt'>): Exclude<SyncState, 'removed'> {
  const { paused } = sync;
  if (sync.activeRun === null) return paused ? 'paused' : 'idle';
  if (sync.triggeredAt !== null) return paused ? 'pausedWaiting' : 'waiting';
  return paused ? 'pausedActive' : 'active';
}
