/**
 * Rotates keys while the platform runs: data keys are wrapped with the newest master key, then each environment gets a new data key and
 * every value is sealed with it. Nobody is locked out, a value written meanwhile wins, and after a kill the next call goes on.
 * Retired data keys stay for an hour, for whoever sealed with one and has not committed yet; the next rotation removes them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { one, only, run } from '../base/database.ts';
import type { MasterKeys } from '../base/keyring.ts';
import type { Database } from '../base/world.ts';
import type { SealedColumn } from './column.ts';
import { createKeyring, SEALING_MS } from './data-keys.ts';
import { replaceDataKeys, wrapDataKeys } from './rotate-keys.ts';
import { type Pass, type Progress, sealAgain } from './rotate-values.ts';
import { VaultError } from './sealed.ts';
import type { KeyWrapper } from './wrapper.ts';

export type Rotating = {
  readonly db: Database;
  readonly master: MasterKeys;
  readonly wrappers: readonly [KeyWrapper, ...KeyWrapper[]];
  readonly columns: readonly SealedColumn[];
};
export type RotateOptions = {
  /** Makes a new master key first, where the keys are in a file of ours. Default true. */
  readonly newMaster?: boolean;
  /** How long other processes may go on sealing with what was retired. */
  readonly graceMs?: number;
  readonly report?: (progress: Progress) => void;
};
export type Rotated = {
  readonly wrappedBy: string;
  /** Data keys wrapped again, data keys made, values sealed again, retired data keys removed. */
  readonly wrapped: number;
  readonly replaced: number;
  readonly sealed: number;
  readonly removed: number;
  /** Values of deleted environments, which nothing opens any more. */
  readonly destroyed: number;
  /** Names and keys of rows that did not open, at most a hundred. They are as they were. */
  readonly unreadable: readonly string[];
};

const LOCK = 0x626b6579; // the bytes of "bkey"
const GRACE_MS = SEALING_MS + 5_000;
const PROBE = 'data-key:probe';

/** @throws VaultError when another one is under way, or a data key cannot be unwrapped; nothing is lost then */
export function rotateKeys(world: Rotating, options: RotateOptions = {}): Promise<Rotated> {
  // A session's lock, so the connection is held; Postgres frees it when we are killed.
  return world.db.connection().execute(async (held) => {
    const { locked } = await only<{ locked: boolean }>(held, sql`select pg_try_advisory_lock(${LOCK}) as locked`);
    if (!locked) throw new VaultError('another rotation is under way; wait for its end');
    try {
      return await rotate(world, { newMaster: true, graceMs: GRACE_MS, report: () => {}, ...options });
    } finally {
      await run(held, sql`select pg_advisory_unlock(${LOCK})`);
    }
  });
}

async function rotate(world: Rotating, options: Required<RotateOptions>): Promise<Rotated> {
  const { db, master, wrappers } = world;
  const { id, startedAt } = await begin(world, options);
  const wrappedBefore = await wrapDataKeys(world, await newestName(wrappers));
  options.report({ step: 'wrap', keys: wrappedBefore });
  const replaced = await replaceDataKeys(world, startedAt);
  options.report({ step: 'replace', keys: replaced });
  // Made only now, so that it has never heard of what was retired.
  const keyring = createKeyring({ db, master, wrappers, sealingMs: 1_000 });
  const settled = Date.now() + options.graceMs;
  let sealed = 0;
  let pass: Pass;
  for (;;) {
    const began = Date.now();
    pass = await sealAgain(world, keyring, options.report);
    sealed += pass.sealed;
    if (pass.sealed === 0 && began >= settled) break;
    const ms = Math.max(0, settled - Date.now());
    options.report({ step: 'wait', ms });
    await sleep(ms);
  }
  // Once more: a process that was slow to hear of a new master key may have wrapped with the old one.
  const wrappedBy = await newestName(wrappers);
  const wrapped = wrappedBefore + (await wrapDataKeys(world, wrappedBy));
  const removed = await removeRetired(db, pass.usedIds);
  await run(db, sql`update key_rotations set finished_at = now() where id = ${id}`);
  return { wrappedBy, wrapped, replaced, sealed, removed, destroyed: pass.destroyed, unreadable: pass.unreadable };
}

/** Goes on with the rotation that was cut short, or begins one. The new master key is added once for each. */
async function begin({ db, master, wrappers }: Rotating, { newMaster, report }: Required<RotateOptions>) {
  const current = await newestName(wrappers);
  const made = await run(db, sql`insert into key_rotations (wrapped_by) values (${current}) on conflict do nothing`);
  const rotation = await only<{ id: number; startedAt: string; wrappedBy: string }>(
    db,
    // As text: a Date has no microseconds, and what was made within one millisecond must be told apart.
    sql`select id, started_at::text as started_at, wrapped_by from key_rotations where finished_at is null`,
  );
  if (newMaster && wrappers[0].kind === 'local' && rotation.wrappedBy === current) master.add?.();
  report({ step: 'begin', resumed: made === 0, wrappedBy: await newestName(wrappers) });
  return rotation;
}

/** Only the wrapper knows which key it wraps with: a key service may have rotated it by itself. */
async function newestName([wrapper]: Rotating['wrappers']): Promise<string> {
  return (await wrapper.wrap(Buffer.alloc(32), PROBE)).by;
}

async function removeRetired(db: Database, usedIds: readonly number[]): Promise<number> {
  return run(db, sql`delete from data_keys where retired_at < now() - interval '1 hour' and id <> all(${[...usedIds]}::int[])`);
}

/** The rotation that was cut short, if there is one. */
export function lookRotation(db: Database): Promise<{ startedAt: Date } | undefined> {
  return one(db, sql`select started_at from key_rotations where finished_at is null`);
}
