/** The part of a rotation that concerns values: each one that is not sealed with its environment's newest data key is sealed again. */
import { sql } from 'kysely';
import { many } from '../base/database.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Database } from '../base/world.ts';
import type { SealedColumn, SealedRow } from './column.ts';
import { DestroyedError } from './data-keys.ts';
import { open } from './open.ts';
import { seal } from './seal.ts';
import { forms, headerOf, VaultError } from './sealed.ts';

type Needs = { readonly db: Database; readonly columns: readonly SealedColumn[] };

export type Progress =
  | { readonly step: 'begin'; readonly resumed: boolean; readonly wrappedBy: string }
  | { readonly step: 'wrap'; readonly keys: number }
  | { readonly step: 'replace'; readonly keys: number }
  | { readonly step: 'seal'; readonly column: string; readonly seen: number; readonly of: number; readonly sealed: number }
  | { readonly step: 'wait'; readonly ms: number };
export type Pass = {
  readonly sealed: number;
  readonly destroyed: number;
  readonly unreadable: readonly string[];
  /** Data keys that something is sealed with. */
  readonly usedIds: readonly number[];
};
type Tally = { sealed: number; destroyed: number; unreadable: string[]; usedIds: Set<number> };

const BATCH = 200;
const UNREADABLE_MAX = 100;

/** Goes over every value once. */
export async function sealAgain({ db, columns }: Needs, keyring: Keyring, report: (progress: Progress) => void): Promise<Pass> {
  const rows = await many<{ id: number }>(db, sql`select id from data_keys where retired_at is null and wrapped is not null`);
  const newest = new Set(rows.map(({ id }) => id));
  const tally: Tally = { sealed: 0, destroyed: 0, unreadable: [], usedIds: new Set() };
  for (const column of columns) {
    const of = await column.count(db);
    const before = tally.sealed;
    let seen = 0;
    let last: readonly unknown[] | undefined;
    for (;;) {
      const batch = await column.after(db, last, BATCH);
      await Promise.all(batch.map((row) => visit({ db, keyring, column }, row, { newest, tally })));
      seen += batch.length;
      report({ step: 'seal', column: column.name, seen, of, sealed: tally.sealed - before });
      if (batch.length < BATCH) break;
      last = batch.at(-1)?.key;
    }
  }
  return { ...tally, usedIds: [...tally.usedIds] };
}

type Visiting = { db: Database; keyring: Keyring; column: SealedColumn };

async function visit({ db, keyring, column }: Visiting, row: SealedRow, { newest, tally }: { newest: ReadonlySet<number>; tally: Tally }) {
  try {
    const { form, keyId } = headerOf(row.sealed);
    if (form === forms.data) tally.usedIds.add(keyId);
    if (form === forms.data && newest.has(keyId)) return;
    const sealed = await seal(keyring, row.place, await open(keyring, row.place, row.sealed));
    // Whoever wrote meanwhile may have sealed with the old key: counted, so that another pass looks.
    await column.replace(db, row, sealed);
    tally.sealed++;
  } catch (error) {
    if (error instanceof DestroyedError) tally.destroyed++;
    else if (!(error instanceof VaultError)) throw error;
    else if (tally.unreadable.length < UNREADABLE_MAX) tally.unreadable.push(`${column.name} ${JSON.stringify(row.key)}: ${error.message}`);
  }
}
