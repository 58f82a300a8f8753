/**
 * The rate limits of providers as this process keeps them. A request through a limit that is far from used up costs a look in memory; near it,
 * requests are leased from the budget that all processes share. Who waits is served in order, people before syncs, and may give up at any time.
 */
import { LRUCache } from 'lru-cache';
import { bounded } from '../base/bounded.ts';
import type { World } from '../base/world.ts';
import type { Exchanged, Report, Seen } from './budget.ts';
import { type Entering, isPlenty, type Local, newLocal, noteSeen, noteSent, takeInHand } from './budget-local.ts';
import { type BudgetNews, type BudgetSpec, keyOf, type Share } from './budget-name.ts';
import { queue, serve, tell, waiting } from './budget-queue.ts';

export type Outcome = {
  readonly sentAt: number;
  readonly seen?: Seen | undefined;
  readonly refused?: { readonly waitMs: number | null } | undefined;
  /** No answer came: that says nothing of the limit. */
  readonly lost?: boolean;
};

const LOCALS_MAX = 100_000;
/** So long after the last exchange a process says what it did with its lease; a lease is good for less than its time at the others. */
const SETTLE_MS = 2_000;
const IN_HAND_MS = 4_000;
/** An exchange that takes longer is not waited for: the requests are sent. */
const EXCHANGE_MS = 3_000;
/** What the bus did not bring is found by looking. */
const LOOK_MS = 5_000;
const TIMER_MS_MAX = 60_000;

export class Budgets {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #by: string;
  readonly #share: Share;
  readonly #locals = new LRUCache<string, Local>(bounded(LOCALS_MAX));
  readonly #restricted = new Map<string, BudgetNews>();
  readonly #unfollow: () => void;
  #failing = false;
  #firstLook: Promise<void> | undefined;
  #lookedAt = 0;

  constructor(world: Pick<World, 'clock' | 'log'> & { readonly bus: { readonly id: number } }, share: Share) {
    this.#world = world;
    this.#by = String(world.bus.id);
    this.#share = share;
    this.#unfollow = share.follow((news) => this.#hear(news));
  }

  /** @returns undefined when the request may go out now. @throws BudgetUsedUp, and the signal's reason */
  enter(spec: BudgetSpec, entering: Entering): Promise<void> | undefined {
    const at = this.#now();
    this.#look(at);
    if (this.#firstLook) return this.#firstLook.then(() => this.enter(spec, entering));
    const local = this.#localOf(spec);
    if (waiting(local) === 0 && (isPlenty(local, at) || takeInHand(local, at))) {
      noteSent(local, at);
      return undefined;
    }
    // Who comes while others wait for a known moment waits with them, or is told at once; a person may find a reserve.
    const queued = () => {
      if (local.retryAt > at && (!entering.interactive || local.heldUntil > at)) this.#later(local, local.retryAt);
      else this.#kick(local);
    };
    return queue(local, entering, { at, queued });
  }

  /** Each request that entered leaves, whatever became of it. */
  leave(spec: BudgetSpec, { sentAt, seen, refused, lost = false }: Outcome): void {
    const local = this.#localOf(spec);
    local.inFlight = Math.max(0, local.inFlight - 1);
    if (seen) noteSeen(local, seen);
    if (refused) {
      this.#refuse(local, { sentAt, waitMs: refused.waitMs });
      return;
    }
    if (!seen && local.limit !== null) local.uncounted += 1;
    if (lost) {
      if (!local.probing) return;
      local.unused += 1; // another one goes
      this.#kick(local);
      return;
    }
    local.answered += 1;
    local.recent.count += 1;
    local.answeredSentAt = Math.max(local.answeredSentAt, sentAt);
    // What is waited for: the probe's answer, the first one of a window, or the last of those that others still count as under way.
    const isTold = (local.unconfirmed || (local.inFlight === 0 && local.reported > 0)) && waiting(local) > 0;
    if ((local.probing && sentAt >= local.heldUntil) || isTold) this.#kick(local);
  }

  /** It was not sent after all. */
  cancel(spec: BudgetSpec): void {
    const local = this.#localOf(spec);
    local.inFlight = Math.max(0, local.inFlight - 1);
    if (!local.isShared) return;
    local.unused += 1;
    if (waiting(local) > 0 || local.probing) this.#kick(local);
  }

  close(): void {
    this.#unfollow();
    for (const local of this.#locals.values()) clearTimeout(local.timer);
  }

  #now(): number {
    return this.#world.clock.now().getTime();
  }

  #localOf(spec: BudgetSpec): Local {
    const key = keyOf(spec);
    const known = this.#locals.get(key);
    if (known) return known;
    const made = newLocal(spec, this.#restricted.get(key));
    this.#locals.set(key, made);
    return made;
  }

  #hear(news: BudgetNews): void {
    if (news.probing || news.paced) this.#restricted.set(news.key, news);
    else this.#restricted.delete(news.key);
    const local = this.#locals.get(news.key);
    if (!local) return;
    local.heldUntil = news.heldUntil;
    local.probing = news.probing;
    local.paced = news.paced;
    local.unused += local.inHand;
    local.inHand = 0;
    if (waiting(local) > 0) this.#later(local, news.heldUntil);
    else if (news.probing && local.answered > 0) this.#kick(local);
  }

  /** The first request of a process waits until it knows what holds. */
  #look(at: number): void {
    if (at - this.#lookedAt < LOOK_MS && this.#lookedAt > 0) return;
    const isFirst = this.#lookedAt === 0;
    this.#lookedAt = at;
    const looking = this.#share
      .look()
      .then((all) => {
        this.#restricted.clear();
        for (const news of all) this.#hear(news);
      })
      .catch((error: unknown) => this.#world.log.warn({ err: error }, 'rate limits could not be looked up'));
    if (!isFirst) return;
    this.#firstLook = looking.finally(() => {
      this.#firstLook = undefined;
    });
  }

  #kick(local: Local): void {
    if (local.exchanging) {
      local.again = true;
      return;
    }
    local.exchanging = this.#talk(local).finally(() => {
      local.exchanging = undefined;
    });
  }

  async #talk(local: Local): Promise<void> {
    do {
      local.again = false;
      clearTimeout(local.timer);
      // As many again as it took since: who calls one after the other asks less and less often.
      const ask = {
        interactive: local.interactive.length,
        background: local.background.length,
        ahead: Math.max(waiting(local), local.sentSince),
      };
      const report = reportOf(local, this.#by, this.#now());
      try {
        this.#apply(local, await inTime(this.#share.exchange(local.spec, { report, ask })));
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#world.log.warn({ err: error }, 'rate limits cannot be shared; requests are sent until they can');
        this.#failing = true;
        serve(local, waiting(local), this.#now());
      }
    } while (local.again);
  }

  #apply(local: Local, { budget, interactive, background, ahead, retryAt }: Exchanged): void {
    const at = this.#now();
    local.heldUntil = budget.hold.until;
    local.probing = budget.hold.probing;
    local.paced = budget.pace !== null;
    local.unconfirmed = budget.window !== null && budget.window.low === null;
    if (budget.window) {
      local.limit = budget.window.limit;
      local.endsAt = budget.window.endsAt;
      local.lengthMs = budget.window.lengthMs;
    }
    local.inHandUntil = Math.min(at + IN_HAND_MS, budget.window?.endsAt ?? Number.POSITIVE_INFINITY);
    serve(local, interactive + background + ahead, at);
    local.retryAt = 0;
    if (waiting(local) === 0) this.#settleLater(local);
    else if (retryAt === null)
      local.again = true; // who came meanwhile
    else this.#later(local, retryAt);
  }

  #later(local: Local, moment: number): void {
    const at = this.#now();
    local.retryAt = moment;
    tell(local, at);
    clearTimeout(local.timer);
    if (waiting(local) > 0) local.timer = setTimeout(() => this.#kick(local), Math.max(1, Math.min(moment - at, TIMER_MS_MAX)));
  }

  #settleLater(local: Local): void {
    clearTimeout(local.timer);
    if (local.inFlight + local.inHand + local.answered === 0) return;
    local.timer = setTimeout(() => this.#kick(local), SETTLE_MS);
    local.timer.unref();
  }

  #refuse(local: Local, { sentAt, waitMs }: { sentAt: number; waitMs: number | null }): void {
    if (!local.refusal || (waitMs ?? 0) > (local.refusal.waitMs ?? 0)) local.refusal = { sentAt, waitMs, since: local.recent.since };
    local.unused += local.inHand;
    local.inHand = 0;
    local.heldUntil = Math.max(local.heldUntil, this.#now() + (waitMs ?? 1));
    local.probing = true;
    this.#kick(local);
  }
}

function reportOf(local: Local, by: string, at: number): Report {
  if (at >= local.inHandUntil) Object.assign(local, { unused: local.unused + local.inHand, inHand: 0 });
  const { inHand, unused, inFlight, uncounted, answeredSentAt, seen, refusal } = local;
  // Before the first exchange only those of the last minute count: they are to tell how fast the provider answers.
  const answered = local.isShared ? local.answered : Math.min(local.answered, Math.round(local.recent.count));
  Object.assign(local, {
    unused: 0,
    sentSince: 0,
    answered: 0,
    seen: undefined,
    refusal: undefined,
    isShared: true,
    reported: inFlight + uncounted,
  });
  return { by, inHand, unused, inFlight: inFlight + uncounted, answered, answeredSentAt, seen, refusal };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${EXCHANGE_MS} ms`)), EXCHANGE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
