/** What operations need of the platform besides its verbs. */
import { Problem } from '@bowline/api/problem';
import { sql } from 'kysely';
import { canonical } from '../../src/base/canonical.ts';
import { only, transaction } from '../../src/base/database.ts';
import { readPage } from '../../src/records/read.ts';
import { saveRecords } from '../../src/records/save.ts';
import { openStream, type StreamRef } from '../../src/records/stream.ts';
import { type Item, REFUSED, type Shown } from './records.ts';
import { at, SYNCS } from './state.ts';
import type { Tenant } from './tenant.ts';

export async function deliveryIdOf({ lane, snapshot }: Tenant, event: number): Promise<string> {
  const row = await only<{ id: string }>(
    lane.world.db,
    sql`select id::text as id from webhook_deliveries where event_id = ${at(snapshot?.eventIds ?? [], event)}`,
  );
  return row.id;
}

type Beside = { items: readonly Item[]; open: 'no' | 'commit' | 'rollback'; meanwhile: Promise<unknown> };
/** How long a transaction is held open, unless the others are done before: some of them wait for it. */
const HOLD_MS = 15;

export async function saveBeside({ lane }: Tenant, ref: StreamRef, { items, open, meanwhile }: Beside): Promise<unknown> {
  const { world, scope } = lane;
  const stream = await openStream(world.db, scope, ref);
  const input = { stream, runId: 0, writes: 'beside' as const, ids: items.map(({ id }) => id), lines: items.map(canonical) };
  if (open === 'no') return countsOf(await saveRecords(world, scope, input));
  const undo = new Error('rolled back on purpose');
  try {
    return await transaction(world.db, async (tx) => {
      const saved = await saveRecords({ ...world, db: tx }, scope, input);
      await Promise.race([meanwhile, new Promise((resolve) => setTimeout(resolve, HOLD_MS))]);
      if (open === 'rollback') throw undo;
      return countsOf(saved);
    });
  } catch (error) {
    if (error === undo) return 'rolled back';
    throw error;
  }
}

const countsOf = ({ added, updated, unchanged }: { added: number; updated: number; unchanged: number }) => ({
  ...{ added, updated, deleted: 0, unchanged },
});

/** How a sync and its stream are named on the wire. */
export function namesOf({ connections }: Tenant, sync: number) {
  const { connection, model, variant } = at(SYNCS, sync);
  return { connectionId: at(connections, connection).connectionId, providerConfigKey: 'key', model, variant };
}

/** What is shown of a page, and its last record's cursor. */
export async function pageOf(
  tenant: Tenant,
  sync: number,
  { cursor, limit }: { cursor?: string | undefined; limit: number },
): Promise<{ shown: Shown[]; cursor: string | undefined } | typeof REFUSED> {
  const { model, variant, ...names } = namesOf(tenant, sync);
  const read = await orRefused(readPage(tenant.lane.world, tenant.lane.scope, names, { model, variant, cursor, limit }));
  if (read === REFUSED) return REFUSED;
  const { records }: { records: Read[] } = JSON.parse(read.toString()); // a page of our own
  return {
    shown: records.map(({ id, v, _nango_metadata: is }) => [id, is.last_action, is.pruned_at === null ? v : null]),
    cursor: records.at(-1)?._nango_metadata.cursor,
  };
}
type Read = Item & { _nango_metadata: { last_action: string; pruned_at: string | null; cursor: string } };

export const orRefused = <T>(work: Promise<T>): Promise<T | typeof REFUSED> =>
  work.catch((error: unknown) => {
    if (error instanceof Problem) return REFUSED;
    throw error;
  });
