/** Every operation: how it is done by the real verbs, and what it does to the model. What it names by index is chosen among what there is. */
import { deleteConnection } from '../../src/connections/delete.ts';
import { updateMetadata } from '../../src/connections/metadata.ts';
import { pruneRecords } from '../../src/records/prune.ts';
import { lookStream } from '../../src/records/stream.ts';
import { claimDue as claimDueSyncs } from '../../src/syncs/claim.ts';
import { pauseSyncs, startSyncs, triggerSyncs } from '../../src/syncs/control.ts';
import { setFrequency } from '../../src/syncs/frequency.ts';
import { approveDeletions, discardDeletions } from '../../src/syncs/held.ts';
import { redeliver as redeliverDelivery } from '../../src/webhooks-out/redeliver.ts';
import type { Step } from './explain.ts';
import { deliveryIdOf, namesOf, orRefused, pageOf, saveBeside } from './real.ts';
import { approve, dropHold, enter, type Item, page, prune, REFUSED, save, waiting } from './records.ts';
import { at, PAGE, type State, SYNCS, UNIT_MS } from './state.ts';
import { claim, isDue, pause, redeliver, setFrequency as setModelFrequency, trigger } from './syncs.ts';
import { claims, type Tenant } from './tenant.ts';

export type Plan = {
  readonly what: string;
  /** `meanwhile`: settles when the other operations of its batch have, for one that holds a transaction open. */
  readonly real: (meanwhile: Promise<unknown>) => Promise<unknown>;
  /** What may have happened. */
  readonly may: readonly (readonly Step[])[];
};
export type Planner<Wish> = (tenant: Tenant, state: State, wish: Wish, slot: number) => Plan | undefined;

export const plan = (what: string, real: Plan['real'], ...steps: Step[]): Plan => ({ what, real, may: [steps] });
/** More than there are syncs: limits are the subject of other tests. */
const SLOTS = 100;
/** Of the syncs, by number. */
const SUBSETS = Array.from({ length: 2 ** SYNCS.length }, (_, bits) => [...SYNCS.keys()].filter((index) => bits & (1 << index)));

/** The scheduler. Beside others it may pass over syncs whose rows they hold. */
const claimDue: Planner<{ alone: boolean }> = ({ lane }, _state, { alone }) => {
  const due = (now: State) => SYNCS.flatMap((_, index) => (isDue(now, index) ? index : []));
  const all = (now: State) => {
    const found = due(now);
    for (const index of found) claim(now, index);
    return found.length;
  };
  const some = (chosen: number[]) => (now: State) => {
    const found = chosen.filter((index) => isDue(now, index));
    for (const index of found) claim(now, index);
    return found.length === chosen.length ? found.length : REFUSED;
  };
  const real = async () => (await claimDueSyncs(lane.world, SLOTS)).claimed;
  return { what: 'claim what is due', real, may: alone ? [[all]] : [[all], ...SUBSETS.map((chosen) => [some(chosen)])] };
};

const triggerSync: Planner<{ sync: number; reset: boolean; emptyCache: boolean }> = ({ lane, syncs }, _state, { sync, ...how }) => {
  const row = at(syncs, sync);
  return plan(
    `trigger ${sync} ${how.reset ? `from the start${how.emptyCache ? ', emptied' : ''}` : ''}`,
    async () => (await triggerSyncs(lane.world, lane.scope, [row], how)).has(row.id),
    (now) => trigger(now, sync, how),
  );
};

const pauseSync: Planner<{ sync: number }> = ({ lane, syncs }, _state, { sync }) =>
  plan(
    `pause ${sync}`,
    () => pauseSyncs(lane.world, lane.scope, [at(syncs, sync)]),
    (now) => pause(now, sync),
  );

const resumeSync: Planner<{ sync: number }> = ({ lane, syncs }, _state, { sync }) =>
  plan(
    `resume ${sync}`,
    () => startSyncs(lane.world, lane.scope, [at(syncs, sync)]),
    (now) => {
      at(now.syncs, sync).paused = false;
    },
  );

const changeFrequency: Planner<{ sync: number; units: number }> = ({ lane, syncs }, _state, { sync, units }) =>
  plan(
    `sync ${sync} every ${units} units`,
    async () => void (await setFrequency(lane.world, lane.scope, at(syncs, sync), `every ${(units * UNIT_MS) / 3600_000}h`)),
    (now) => setModelFrequency(now, sync, units),
  );

/** One page from where the reader of this stream is. */
const read: Planner<{ sync: number }> = (tenant, _state, { sync }, slot) => {
  if (!claims(tenant, `reader ${sync}`)) return undefined;
  const { cursors } = tenant;
  return plan(
    `read on in ${sync}`,
    async () => {
      const found = await pageOf(tenant, sync, { cursor: cursors[sync], limit: PAGE });
      if (found === REFUSED) return REFUSED;
      cursors[sync] = found.cursor ?? cursors[sync];
      return found.shown;
    },
    (now) => {
      now.notes[slot] = at(now.connections, at(SYNCS, sync).connection).deleted;
    },
    (now) => {
      if (now.notes[slot]) return REFUSED;
      const { shown, position } = page(at(now.syncs, sync).stream, at(now.readers, sync));
      now.readers[sync] = position;
      return shown;
    },
  );
};

const pruneRead: Planner<{ sync: number; limit: number }> = (tenant, state, { sync, limit }) => {
  const { lane, cursors } = tenant;
  const [untilCursor, until] = [cursors[sync], at(state.readers, sync)];
  if (untilCursor === undefined) return undefined;
  return plan(
    `prune ${limit} of ${sync}`,
    async () => {
      const stream = await lookStream(lane.world.db, lane.scope, streamOf(tenant, sync));
      return pruneRecords(lane.world, lane.scope, stream, { untilCursor, limit });
    },
    (now) => prune(at(now.syncs, sync).stream, until, limit),
  );
};

/** As a webhook's function saves, while the sync runs. `open`: its transaction stays open while others work, then ends as said. */
const besides: Planner<{ sync: number; items: Item[]; open: 'no' | 'commit' | 'rollback' }> = (tenant, state, { sync, items, open }) => {
  if (at(state.connections, at(SYNCS, sync).connection).deleted) return undefined;
  return plan(
    `save ${text(items)} beside ${sync}${open === 'no' ? '' : `, held open, then ${open}`}`,
    (meanwhile) => saveBeside(tenant, streamOf(tenant, sync), { items, open, meanwhile }),
    (now) => {
      const { stream } = at(now.syncs, sync);
      if (open === 'rollback') return 'rolled back';
      enter(stream, 0, true);
      return save(stream, 0, items);
    },
  );
};

/** Nothing waits, or there is no such connection any more. */
const nothingHeld = (now: State, sync: number) =>
  at(now.connections, at(SYNCS, sync).connection).deleted || waiting(at(now.syncs, sync).stream).length === 0;

const approveHeld: Planner<{ sync: number }> = (tenant, _state, { sync }, slot) =>
  plan(
    `approve what waits in ${sync}`,
    () => orRefused(approveDeletions(tenant.lane.world, tenant.lane.scope, namesOf(tenant, sync))),
    (now) => {
      now.notes[slot] = nothingHeld(now, sync);
    },
    (now) => {
      if (now.notes[slot]) return REFUSED;
      const { stream, removed, connection } = at(now.syncs, sync);
      const deleted = stream.heldBy === null ? 0 : approve(stream);
      if (deleted > 0 && !removed) now.events.push({ type: 'sync.completed', connection, heard: false });
      return deleted;
    },
  );

const discardHeld: Planner<{ sync: number }> = (tenant, _state, { sync }, slot) =>
  plan(
    `keep what waits in ${sync}`,
    () => orRefused(discardDeletions(tenant.lane.world, tenant.lane.scope, namesOf(tenant, sync))),
    (now) => {
      now.notes[slot] = nothingHeld(now, sync);
    },
    (now) => {
      if (now.notes[slot]) return REFUSED;
      dropHold(at(now.syncs, sync).stream);
      return undefined;
    },
  );

const noteMetadata: Planner<{ connection: number; key: string; value: number }> = ({ lane, connections }, _state, wish) => {
  const { connection, key, value } = wish;
  const connectionIds = [at(connections, connection).connectionId];
  return plan(
    `metadata ${key}=${value} of ${connection}`,
    () => orRefused(updateMetadata(lane.world, lane.scope, { providerConfigKey: 'key', connectionIds, metadata: { [key]: value } })),
    (now) => {
      const { deleted, metadata } = at(now.connections, connection);
      if (deleted) return REFUSED;
      metadata[key] = value;
      return undefined;
    },
  );
};

const endConnection: Planner<{ connection: number }> = ({ lane, connections }, _state, { connection }) =>
  plan(
    `delete connection ${connection}`,
    () => deleteConnection(lane.world, lane.scope, at(connections, connection)),
    (now) => {
      const row = at(now.connections, connection);
      if (row.deleted) return false;
      row.deleted = true;
      now.events.push({ type: 'connection.deleted', connection, heard: false });
      return true;
    },
  );

const switchUrl: Planner<{ on: boolean }> = ({ lane }, _state, { on }) =>
  plan(
    `webhooks ${on ? 'on' : 'off'}`,
    () => lane.setUrl(on),
    (now) => {
      now.hasUrl = on;
    },
  );

const sendAgain: Planner<{ delivery: number }> = (tenant, state, { delivery }) => {
  if (state.deliveries.length === 0) return undefined;
  const { event } = at(state.deliveries, delivery % state.deliveries.length);
  return plan(
    `send delivery of event ${event} again`,
    async () => orRefused(redeliverDelivery(tenant.lane.world, tenant.lane.scope, await deliveryIdOf(tenant, event))),
    (now) => (redeliver(now, event) ? undefined : REFUSED),
  );
};

const jump: Planner<{ units: number }> = ({ lane }, _state, { units }) =>
  plan(
    `the clocks jump by ${units}`,
    () => lane.jump(units),
    (now) => {
      now.time += units;
    },
  );

export const planners = {
  ...{ claimDue, triggerSync, pauseSync, resumeSync, changeFrequency, read, pruneRead, besides, approveHeld, discardHeld },
  ...{ noteMetadata, endConnection, switchUrl, sendAgain, jump },
};

export function streamOf({ connections }: Tenant, sync: number) {
  const { connection, model, variant } = at(SYNCS, sync);
  return { connection: at(connections, connection).id, model, variant };
}

export const text = (items: readonly Item[]) => items.map(({ id, v }) => `${id}=${v}`).join(' ');
