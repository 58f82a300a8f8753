/** What the platform should hold: plain data that is cloned and compared, with nothing of how Postgres keeps it. */
import type { RunState } from '../../src/runs/run.ts';
import type { DeliveryState } from '../../src/webhooks-out/delivery.ts';
import { type Circuit, freshCircuit, type Moment } from './circuit.ts';

export type Rec = { id: string; v: number; rev: number; deleted: boolean; pruned: boolean; generation: number; seq: number };
export type StreamState = {
  exists: boolean;
  seq: number;
  generation: number;
  tracking: number | null;
  met: string[];
  heldBy: number | null;
  held: string[];
  records: Rec[];
};
export type SyncState = {
  connection: number;
  tracks: boolean;
  paused: boolean;
  removed: boolean;
  /** In the order of their making; their numbers count from 1. */
  runs: { state: RunState; attempts: number }[];
  active: number | null;
  /** Since when its run waits for room, without a job. */
  triggeredAt: number | null;
  /** In units since the start, as all times here. */
  next: number;
  frequency: number;
  succeeded: boolean;
  checkpoint: number | null;
  stream: StreamState;
};
export type EventState = { type: string; connection: number; heard: boolean };
export type DeliveryRow = {
  event: number;
  state: DeliveryState;
  attempts: number;
  round: number;
  madeAt: Moment;
  due: Moment;
  isHeld: boolean;
};
/** What a process has in its hands: a run it executes, or an attempt whose answer it waits for. */
export type Held =
  | { kind: 'run'; sync: number; run: number; attempt: number }
  | { kind: 'attempt'; event: number; attempts: number; round: number; isProbe: boolean; begunAt: number };

export type State = {
  time: number;
  hasUrl: boolean;
  connections: { deleted: boolean; metadata: Record<string, number> }[];
  syncs: SyncState[];
  events: EventState[];
  deliveries: DeliveryRow[];
  circuit: Circuit;
  /** Moments so far. */
  ticks: number;
  held: Record<number, Held>;
  /** Where each reader has read to. */
  readers: number[];
  /** What the steps of one operation pass on to each other. */
  notes: Record<number, unknown>;
};

/** Each connection has a sync that tracks deletes and one that does not; the first has a variant of the second besides. */
export const SYNCS = [
  { connection: 0, name: 'tracked', model: 'Tracked', variant: 'base', tracks: true },
  { connection: 0, name: 'plain', model: 'Plain', variant: 'base', tracks: false },
  { connection: 0, name: 'plain', model: 'Plain', variant: 'v', tracks: false },
  { connection: 1, name: 'tracked', model: 'Tracked', variant: 'base', tracks: true },
  { connection: 1, name: 'plain', model: 'Plain', variant: 'base', tracks: false },
] as const;
/** One unit of time: longer than any wait between two attempts, and than any sequence takes. */
export const UNIT_MS = 13 * 3600_000;
export const FREQUENCY = 2;
export const GUARD = { percent: 50, records: 3 };
export const PAGE = 3;

export function initialState(): State {
  const stream = (): StreamState => ({
    exists: false,
    seq: 0,
    generation: 0,
    tracking: null,
    met: [],
    heldBy: null,
    held: [],
    records: [],
  });
  return {
    time: 0,
    hasUrl: true,
    connections: [
      { deleted: false, metadata: {} },
      { deleted: false, metadata: {} },
    ],
    syncs: SYNCS.map(({ connection, tracks }) => ({
      ...{
        connection,
        tracks,
        paused: false,
        removed: false,
        runs: [],
        active: null,
        triggeredAt: null,
        next: 0,
        frequency: FREQUENCY,
        succeeded: false,
      },
      checkpoint: null,
      stream: stream(),
    })),
    events: [],
    deliveries: [],
    circuit: freshCircuit(),
    ticks: 0,
    held: {},
    readers: SYNCS.map(() => 0),
    notes: {},
  };
}

/** The index is one that an operation made of this very state. */
export function at<T>(list: readonly T[] | Record<number, T>, index: number): T {
  const found = (list as Record<number, T | undefined>)[index];
  if (found === undefined) throw new Error(`the model has nothing at ${index}`);
  return found;
}
