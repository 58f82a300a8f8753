/**
 * The states of a sync and what each event makes of them, as one total table. A state is not stored: it is read off the columns of the row,
 * so that a row says it once. The life of a single run is the table of runs/run.ts.
 */
import type { Sync } from './sync.ts';

/**
 * idle: waits for its slot. active: has a run, queued or running. paused: only a trigger runs it. pausedActive: was triggered while paused.
 * removed: its function, variant, connection or environment is gone; final.
 */
export const syncStates = ['idle', 'active', 'paused', 'pausedActive', 'removed'] as const;
export type SyncState = (typeof syncStates)[number];

/**
 * claim: its slot came and a run was given. trigger: a run was asked for. reset: a run from the start was asked for; what runs is cancelled.
 * pause: what runs is cancelled. start: back on schedule. end: its run ended, however. remove: final; what runs is cancelled.
 */
export const syncEvents = ['claim', 'trigger', 'reset', 'pause', 'start', 'end', 'remove'] as const;
export type SyncEvent = (typeof syncEvents)[number];

/** Total on purpose: a new state or event does not compile until every cell is decided. A run ends for the sync that holds it, and for no other. */
export const nextSyncState: Record<SyncState, Record<SyncEvent, SyncState>> = {
  idle: { claim: 'active', trigger: 'active', reset: 'active', pause: 'paused', start: 'idle', end: 'idle', remove: 'removed' },
  active: { claim: 'active', trigger: 'active', reset: 'active', pause: 'paused', start: 'active', end: 'idle', remove: 'removed' },
  paused: {
    claim: 'paused',
    trigger: 'pausedActive',
    reset: 'pausedActive',
    pause: 'paused',
    start: 'idle',
    end: 'paused',
    remove: 'removed',
  },
  pausedActive: {
    claim: 'pausedActive',
    trigger: 'pausedActive',
    reset: 'pausedActive',
    pause: 'paused',
    start: 'active',
    end: 'paused',
    remove: 'removed',
  },
  removed: {
    claim: 'removed',
    trigger: 'removed',
    reset: 'removed',
    pause: 'removed',
    start: 'removed',
    end: 'removed',
    remove: 'removed',
  },
};

/** Of a sync that is not removed: removed rows are not read. */
export function stateOfSync({ paused, activeRun }: Pick<Sync, 'paused' | 'activeRun'>): Exclude<SyncState, 'removed'> {
  if (activeRun !== null) return paused ? 'pausedActive' : 'active';
  return paused ? 'paused' : 'idle';
}
