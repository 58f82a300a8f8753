/**
 * Takes work that is its own job: rows that say who has them, some at once with one statement, and carries it out. For what comes by the hundred a
 * second, where a job beside each row costs more than what there is to do (decisions/052). At least once, as with jobs.
 */
import type { Pool } from 'pg';
import type { World } from '../base/world.ts';
import { joinInstances } from './instance.ts';
import type { WorkName } from './task.ts';
import { inTime, STOP_MS, type WorkOptions } from './work.ts';

export type Source<Item> = {
  readonly name: WorkName;
  /** Makes as many as there is room for the holder's. */
  take(holder: number, room: number): Promise<readonly Item[]>;
  /** Frees what dead holders had, and what this one has and nobody carries out: an answer of `take` that was lost. */
  free(holder: number, inHand: readonly Item[]): Promise<unknown>;
  /**
   * Throws when it shall be tried again. `signal`: this process stops, or may no longer work. `done`: what is left is to store that it is over,
   * meanwhile another may be taken in its place.
   */
  carryOut(item: Item, signal: AbortSignal, done: () => void): Promise<void>;
  /** Frees it after that. @param error why it failed; undefined: it was stopped */
  handBack(item: Item, error?: unknown): Promise<unknown>;
};
export type Taking = {
  /** There may be something to take. Lost, it is found by looking, a second later. */
  look(): void;
  stop(): Promise<void>;
};

const POLL_MS = 1_000;
/** So much between two looks: what ends meanwhile is made up for by one statement. Who comes after a pause is not kept waiting. */
const PAUSE_MS = 10;
/** So many times its slots a process has in hand, those that only wait to be stored included: where the database is slow they are left to others. */
const IN_HAND_MAX = 2;

export async function startTaking<Item>(
  { pool, log }: Pick<World, 'log'> & { readonly pool: Pool },
  source: Source<Item>,
  { concurrency, onLost = () => {}, stopMs = STOP_MS, silentMs }: WorkOptions,
): Promise<Taking> {
  const quiet = silentMs === undefined ? {} : { silentMs };
  const instance = joinInstances({ pool, log, tasks: [source.name], concurrency, onLost, ...quiet });
  const stopping = new AbortController();
  const inHand = new Map<Item, Promise<void>>();
  const atWork = new Set<Item>();
  let isWanted = false;
  /** The last look left some: room that comes is worth a look. Else whoever makes some ready says so. */
  let isMore = true;
  /** There was no room at the last look: whatever is stored makes some. */
  let isFull = false;
  let mayBeFree = false;
  let turning: Promise<void> | undefined;

  function look(): void {
    isWanted = true;
    turning ??= turns().finally(() => {
      turning = undefined;
      if (isWanted && !stopping.signal.aborted) look(); // asked for after the last turn
    });
  }

  async function turns(): Promise<void> {
    while (isWanted && !stopping.signal.aborted) {
      isWanted = false;
      await turn().catch((error: unknown) => log.warn({ err: error, work: source.name }, 'nothing could be taken; trying again'));
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async function turn(): Promise<void> {
    const holder = instance.held();
    if (!holder) return;
    if (mayBeFree) await source.free(holder.id, [...inHand.keys()]);
    mayBeFree = false;
    const room = Math.min(concurrency - atWork.size, IN_HAND_MAX * concurrency - inHand.size);
    isMore = true;
    isFull = room <= 0;
    if (isFull) return;
    const taken = await source.take(holder.id, room);
    isMore = taken.length === room;
    for (const item of taken) {
      atWork.add(item);
      inHand.set(item, carryOut(item, holder.signal));
    }
  }

  function leave(item: Item): void {
    if (atWork.delete(item) && isMore) look();
  }

  async function carryOut(item: Item, held: AbortSignal): Promise<void> {
    try {
      await source.carryOut(item, AbortSignal.any([held, stopping.signal]), () => leave(item));
    } catch (error) {
      const isStopped = stopping.signal.aborted;
      if (!isStopped) log.error({ err: error, work: source.name }, 'work failed and is tried again');
      // After a lost lock it is no longer ours to give. What cannot be given back now is found free by the next look.
      if (!held.aborted) await (isStopped ? source.handBack(item) : source.handBack(item, error)).catch(() => {});
    }
    inHand.delete(item);
    leave(item);
    if (isFull) look();
  }

  const timer = setInterval(() => {
    mayBeFree = true;
    look();
  }, POLL_MS);
  await instance.ready();
  look();
  return {
    look,
    async stop() {
      stopping.abort(new Error('This process is stopping'));
      clearInterval(timer);
      await turning;
      await instance.close(await inTime(Promise.all(inHand.values()), stopMs));
    },
  };
}
