/** Operations of processes: they take jobs, carry runs and attempts in their hands, are killed, or are given up and go on all the same. */
import { canonical } from '../../src/base/canonical.ts';
import { dispatch, type Listeners } from '../../src/events/dispatch.ts';
import { removeSyncsOfConnection } from '../../src/syncs/jobs.ts';
import { runSync } from '../../src/syncs/run.ts';
import { attempt as attemptDelivery } from '../../src/webhooks-out/attempt.ts';
import { type Claimed, claimDue } from '../../src/webhooks-out/claim.ts';
import { deliverJob } from '../../src/webhooks-out/jobs.ts';
import { makeReady } from '../../src/webhooks-out/ready.ts';
import { settle as settleAttempts } from '../../src/webhooks-out/settle.ts';
import { listenersOf } from '../webhooks-out/listeners.ts';
import { takeDue } from './circuit.ts';
import { ANY, type Step } from './explain.ts';
import { withFunction, withReceiver } from './lane.ts';
import { type Plan, type Planner, plan, text } from './operations.ts';
import { endTracking, enter, type Item, meet, REFUSED, remove, save, startTracking, update } from './records.ts';
import { at, type Held, type State, SYNCS, type SyncState } from './state.ts';
import { attempt, finish, hear, isOver, moveRun, release, runOf, settle } from './syncs.ts';
import { claims, completeJob, freeJob, type Hand, type Job, lockJob, type Tenant, takeRun } from './tenant.ts';

const forever = new AbortController().signal;

const take: Planner<{ job: number; crash: boolean }> = (tenant, state, { job: index, crash }, slot) => {
  const jobs = tenant.snapshot?.jobs ?? [];
  const job = jobs.length === 0 ? undefined : at(jobs, index % jobs.length);
  if (!job || !claims(tenant, `job ${job.id}`)) return undefined;
  if (job.payload.runId !== undefined) return begin(tenant, job, job.payload.runId, slot);
  if (job.payload.deliveryId !== undefined) return takeDelivery(tenant, state, job, slot);
  return takeEvent(tenant, job, crash);
};

function begin(tenant: Tenant, job: Job, runId: number, slot: number): Plan | undefined {
  const ids = tenant.snapshot?.runIds ?? [];
  const sync = ids.findIndex((list) => list.includes(runId));
  if (sync < 0) return undefined;
  const run = at(ids, sync).indexOf(runId) + 1;
  const hid = tenant.nextHand++;
  return plan(
    `begin run ${run} of ${sync} as ${hid}`,
    () => beginRun(tenant, job, { hid, sync, runId }),
    ...beginning({ hid, sync, run, slot }),
  );
}

async function beginRun(tenant: Tenant, job: Job, { hid, sync, runId }: { hid: number; sync: number; runId: number }): Promise<string> {
  const run = await takeRun(tenant, runId);
  if (!run) return 'nothing';
  const { world, entered, end } = withFunction(tenant.lane.world);
  const over = runSync(world, run, { stopped: forever, done: () => {} }).then(
    () => 'over',
    () => 'threw',
  );
  const begun = await Promise.race([entered, over]);
  if (begun === 'threw') await freeJob(tenant, job);
  if (typeof begun === 'string') return begun === 'over' ? 'nothing' : begun;
  tenant.hands.set(hid, { kind: 'run', hid, sync, job, lost: false, over, onCall: begun.onCall, end });
  return 'entered';
}

/** It is moved, looked at, and its crawl begun: each a statement or transaction of its own. */
function beginning({ hid, sync: index, run: number, slot }: { hid: number; sync: number; run: number; slot: number }): Step[] {
  const move: Step = (now) => {
    const run = runOf(at(now.syncs, index), number);
    now.notes[slot] = moveRun(run, 'start') ? ++run.attempts : 'over';
  };
  const look: Step = (now) => {
    const sync = at(now.syncs, index);
    const isGone = sync.removed || sync.active !== number || at(now.connections, sync.connection).deleted;
    if (now.notes[slot] === 'over' || !isGone) return;
    if (moveRun(runOf(sync, number), 'cancel')) release(sync, number);
    now.notes[slot] = 'over';
  };
  const enterFunction: Step = (now) => {
    const attempt = now.notes[slot];
    if (typeof attempt !== 'number') return 'nothing';
    const sync = at(now.syncs, index);
    const held = { kind: 'run' as const, sync: index, run: number, attempt };
    if (sync.tracks) {
      if (!mayWrite(sync, held) || !enter(sync.stream, number)) return 'threw';
      startTracking(sync.stream, number);
    }
    now.held[hid] = held;
    return 'entered';
  };
  return [move, look, enterFunction];
}

type HeldRun = Extract<Held, { kind: 'run' }>;

/** Whoever began a run last carries it out, until it is over. From then on nothing that others do for it is kept. */
function mayWrite(sync: SyncState, { run, attempt }: HeldRun): boolean {
  const { state, attempts } = runOf(sync, run);
  return state === 'running' && attempts === attempt && run >= sync.stream.generation;
}

function takeEvent(tenant: Tenant, job: Job, crash: boolean): Plan | undefined {
  const eventId = job.payload.id ?? 0;
  const event = (tenant.snapshot?.eventIds ?? []).indexOf(eventId);
  if (event < 0) return undefined;
  const { world } = tenant.lane;
  const listeners: Listeners = { ...listenersOf(world), 'connection.deleted': { syncs: removeSyncsOfConnection(world) } };
  return plan(
    `tell event ${event}${crash ? ', and die before its job is done' : ''}`,
    async () => {
      await lockJob(tenant, job);
      await dispatch(world, listeners, eventId);
      await (crash ? freeJob : completeJob)(tenant, job);
    },
    (now) => hear(now, event),
  );
}

function takeDelivery(tenant: Tenant, state: State, job: Job, slot: number): Plan | undefined {
  const event = tenant.snapshot?.deliveries.get(job.payload.deliveryId ?? '');
  if (event === undefined || !state.deliveries.some((one) => one.event === event)) return undefined;
  const hid = tenant.nextHand++;
  return plan(
    `attempt the delivery of event ${event} as ${hid}`,
    async () => {
      await lockJob(tenant, job);
      const { world, sent, answer } = withReceiver(tenant.lane.world);
      const over = deliverJob(world)({ deliveryId: job.payload.deliveryId ?? '' }, { attempt: 1, signal: forever }).then(() => 'over');
      const begun = await Promise.race([sent, over]);
      if (begun === 'over') await completeJob(tenant, job);
      else tenant.hands.set(hid, { kind: 'attempt', hid, job, lost: false, over, answer });
      return begun === 'over' ? 'nothing' : 'sent';
    },
    (now) => {
      now.notes[slot] = hid;
      const row = now.deliveries.find((one) => one.event === event);
      if (row?.state !== 'pending' || row.isHeld || row.due[0] > now.time) return 'nothing';
      now.held[hid] = attempt(now, row);
      return 'sent';
    },
  );
}

/** The sender, which asks the endpoint's circuit. Alone: beside others it may find rows of theirs locked, and then sends fewer than it had room for. */
const sendDue: Planner<{ room: number }> = (tenant, _state, { room }) => {
  if (tenant.isTogether) return undefined;
  const hids = Array.from({ length: room }, () => tenant.nextHand++);
  const { world } = tenant.lane;
  const eventOf = (id: string) => tenant.snapshot?.deliveries.get(id) ?? -1;
  return plan(
    `send at most ${room} as ${hids.join(', ')}`,
    async () => {
      const claimed = (await claimDue(world, room)).toSorted((one, other) => eventOf(one.id) - eventOf(other.id));
      for (const [index, one] of claimed.entries()) await carry(tenant, at(hids, index), one);
      return claimed.map(({ id, isProbe }) => [eventOf(id), isProbe]);
    },
    (now) => {
      const taken = takeDue(now, room).toSorted((one, other) => one.event - other.event);
      return taken.map((row, index) => {
        const held = attempt(now, row);
        now.held[at(hids, index)] = held;
        return [held.event, held.isProbe];
      });
    },
  );
};

async function carry(tenant: Tenant, hid: number, claimed: Claimed): Promise<void> {
  const { world, sent, answer } = withReceiver(tenant.lane.world);
  const over = (async () => {
    for (const { delivery, keys } of await makeReady(world, [claimed]))
      await settleAttempts(world, [await attemptDelivery(world, delivery, { keys, signal: forever })]);
  })();
  await Promise.race([sent, over]);
  const job = { id: `delivery ${claimed.id}`, payload: { deliveryId: claimed.id } };
  tenant.hands.set(hid, { kind: 'attempt', hid, job, lost: false, over, answer });
}

const chosen = (tenant: Tenant, index: number, kind: Hand['kind']) => {
  const hands = [...tenant.hands.values()].filter((hand) => hand.kind === kind);
  return hands.length === 0 ? undefined : at(hands, index % hands.length);
};

/** Its process is killed, or cut off: others take the job, and it goes on for all that they know. */
const lose: Planner<{ hand: number }> = (tenant, _state, { hand: index }) => {
  const hands = [...tenant.hands.values()].filter(({ lost }) => !lost);
  if (hands.length === 0) return undefined;
  const hand = at(hands, index % hands.length);
  if (!claims(tenant, `end of ${hand.hid}`)) return undefined;
  return plan(
    `lose ${hand.hid}`,
    async () => {
      hand.lost = true;
      await freeJob(tenant, hand.job);
    },
    (now) => {
      const held = at(now.held, hand.hid);
      const row = held.kind === 'attempt' && now.deliveries.find(({ event }) => event === held.event);
      if (row) row.isHeld = false;
    },
  );
};

type Call =
  | { method: 'save' | 'update'; items: Item[] }
  | { method: 'delete' | 'met'; ids: string[] }
  | { method: 'checkpoint' | 'metadata'; at: number }
  | { method: 'clear' | 'trackStart' | 'trackEnd' };

const call: Planner<{ hand: number; call: Call }> = (tenant, state, { hand: index, call: wish }) => {
  const hand = chosen(tenant, index, 'run');
  if (hand?.kind !== 'run') return undefined;
  const held = at(state.held, hand.hid);
  if (held.kind !== 'run') return undefined;
  const { model } = at(SYNCS, hand.sync);
  const what = 'items' in wish ? text(wish.items) : 'ids' in wish ? wish.ids.join(' ') : 'at' in wish ? wish.at : '';
  const work: Step = (now) => {
    const sync = at(now.syncs, held.sync);
    sync.stream.exists = true;
    return mayWrite(sync, held) ? effect(now, held, wish) : ANY;
  };
  // A checkpoint waits for records that its function is saving, and is refused when they are.
  const mayBeRefused = tenant.isTogether && (wish.method === 'checkpoint' || wish.method === 'clear');
  return {
    what: `${hand.hid}${hand.lost ? ' (lost)' : ''}: ${wish.method} ${what}`,
    real: () => hand.onCall(frameOf(wish, model)).then(answerOf, () => REFUSED),
    may: mayBeRefused ? [[work], [() => REFUSED]] : [[work]],
  };
};

const METHODS: Readonly<Record<Call['method'], string>> = {
  save: 'records.save',
  update: 'records.update',
  delete: 'records.delete',
  met: 'records.met',
  checkpoint: 'checkpoint.save',
  metadata: 'metadata.update',
  clear: 'checkpoint.clear',
  trackStart: 'records.trackDeletesStart',
  trackEnd: 'records.trackDeletesEnd',
};

function frameOf(wish: Call, model: string): { method: string; params: unknown; body: Buffer } {
  const body = Buffer.from('items' in wish ? wish.items.map(canonical).join('\n') : '');
  return { method: METHODS[wish.method], params: paramsOf(wish, model), body };
}

function paramsOf(wish: Call, model: string): unknown {
  if ('items' in wish) return { model, ids: wish.items.map(({ id }) => id) };
  if ('ids' in wish) return { model, ids: wish.ids };
  if (wish.method === 'checkpoint') return { checkpoint: { at: wish.at } };
  if (wish.method === 'metadata') return { metadata: { run: wish.at } };
  return wish.method === 'clear' ? {} : { model };
}

function answerOf({ value }: { value?: unknown }): unknown {
  const keys = value instanceof Object && 'deletedKeys' in value ? value.deletedKeys : undefined;
  return Array.isArray(keys) ? keys.toSorted() : value;
}

function effect(now: State, { sync: index, run }: HeldRun, wish: Call): unknown {
  const sync = at(now.syncs, index);
  const connection = at(now.connections, sync.connection);
  if (wish.method === 'metadata') {
    if (!connection.deleted) connection.metadata.run = wish.at;
    return ANY;
  }
  const { stream } = sync;
  if (wish.method === 'checkpoint') sync.checkpoint = wish.at;
  if (wish.method === 'clear') sync.checkpoint = null;
  if (wish.method === 'checkpoint' || wish.method === 'clear') return undefined;
  // The end of a crawl that never began leaves no trace.
  if (wish.method === 'trackEnd' && stream.tracking === null) return REFUSED;
  enter(stream, run);
  if (wish.method === 'save') return save(stream, run, wish.items);
  if (wish.method === 'update') return update(stream, run, wish.items);
  if (wish.method === 'delete') return remove(stream, run, wish.ids);
  if (wish.method === 'met') return void meet(stream, wish.ids);
  if (wish.method === 'trackEnd') return endTracking(stream, run);
  return void startTracking(stream, run);
}

const endFunction: Planner<{ hand: number; ok: boolean }> = (tenant, state, { hand: index, ok }, slot) => {
  const hand = chosen(tenant, index, 'run');
  if (hand?.kind !== 'run' || !claims(tenant, `end of ${hand.hid}`)) return undefined;
  const held = at(state.held, hand.hid);
  if (held.kind !== 'run') return undefined;
  const endCrawls: Step = (now) => {
    const sync = at(now.syncs, held.sync);
    if (!ok || !sync.tracks) return;
    now.notes[slot] = mayWrite(sync, held) ? 'ended' : 'lost';
    if (now.notes[slot] === 'lost' || sync.stream.tracking === null) return;
    enter(sync.stream, held.run);
    endTracking(sync.stream, held.run);
  };
  const end: Step = (now) => {
    const sync = at(now.syncs, held.sync);
    const isTaken = !isOver(runOf(sync, held.run)) && runOf(sync, held.run).attempts !== held.attempt;
    if (now.notes[slot] !== 'lost' && !isTaken) finish(now, sync, held.run, ok);
    return ANY;
  };
  return plan(
    `${hand.hid}${hand.lost ? ' (lost)' : ''}: ${ok ? 'returns' : 'throws'}`,
    async () => {
      hand.end(ok ? { ok, output: Buffer.from('null') } : { ok, error: { type: 'action_script_runtime_error', message: 'It threw' } });
      const outcome = await hand.over;
      tenant.hands.delete(hand.hid);
      if (!hand.lost && outcome === 'threw') await freeJob(tenant, hand.job);
      return outcome;
    },
    endCrawls,
    end,
  );
};

const answer: Planner<{ hand: number; status: number }> = (tenant, state, { hand: index, status }) => {
  const hand = chosen(tenant, index, 'attempt');
  if (hand?.kind !== 'attempt' || !claims(tenant, `end of ${hand.hid}`)) return undefined;
  const held = at(state.held, hand.hid);
  return plan(
    `${hand.hid}${hand.lost ? ' (lost)' : ''}: the receiver answers ${status}`,
    async () => {
      hand.answer(status);
      await hand.over;
      tenant.hands.delete(hand.hid);
      if (!hand.lost) await completeJob(tenant, hand.job);
    },
    (now) => {
      if (held.kind === 'attempt') settle(now, held, status);
    },
  );
};

export const planners = { take, sendDue, lose, call, endFunction, answer };
