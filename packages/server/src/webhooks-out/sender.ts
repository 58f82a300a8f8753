/**
 * Sends what is due, in each process that works: takes as many deliveries as it has room for, attempts them side by side, and stores outcomes by the batch.
 * Told by the bus that there is something; a look each second finds what nobody told, what comes due and what dead processes held.
 */
import { type Attempt, attempt } from './attempt.ts';
import { type Claimed, claimDue, freeAbandoned, giveBack } from './claim.ts';
import type { DeliverNeeds } from './deliver.ts';
import { type Delivery, SEND_CHANNEL } from './delivery.ts';
import { makeReady } from './ready.ts';
import { settle } from './settle.ts';

/** Attempts at once in a process. They wait for receivers most of the time, and no endpoint has more than 16. */
const AT_ONCE_MAX = 256;
const LOOK_MS = 1_000;
/** A turn is five statements and little more for each of many, so those that end within this time after the first are one turn's. */
const LINGER_MS = 5;
/** Of one statement. */
const BATCH_MAX = 256;
/** How long `stop` waits for attempts under way; what does not end in time is made again by others. */
const STOP_MS = 3_000;

/** @returns how to stop */
export function startSender(world: DeliverNeeds): () => Promise<void> {
  const sender = new Sender(world);
  const over = sender.run();
  return async () => {
    await sender.stop();
    await over;
  };
}

class Sender {
  readonly #world: DeliverNeeds;
  readonly #stopping = new AbortController();
  readonly #held = new Set<string>();
  readonly #done: Attempt[] = [];
  #isStopped = false;
  #isRung = true;
  #wake = () => {};
  #lookedAt = 0;

  constructor(world: DeliverNeeds) {
    this.#world = world;
  }

  async run(): Promise<void> {
    const unsubscribe = this.#world.bus.subscribe(SEND_CHANNEL, () => this.#ring());
    while (!this.#isStopped) {
      try {
        if (!(await this.#turn())) await this.#rest();
        await this.#linger();
      } catch (error) {
        this.#world.log.error({ err: error }, 'sending webhooks failed; it goes on in a second');
        this.#isRung = true;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
    unsubscribe();
  }

  async stop(): Promise<void> {
    const deadline = Date.now() + STOP_MS;
    this.#isStopped = true;
    this.#ring();
    while (this.#held.size > this.#done.length && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#stopping.abort();
    await this.#store().catch((error: unknown) =>
      this.#world.log.warn({ err: error }, 'outcomes of webhooks were lost; they are sent again'),
    );
    await giveBack(this.#world, [...this.#held]);
  }

  /** @returns whether there may be more to do at once */
  async #turn(): Promise<boolean> {
    const stored = await this.#store();
    const isLook = Date.now() - this.#lookedAt >= LOOK_MS;
    if (isLook) {
      this.#lookedAt = Date.now();
      await freeAbandoned(this.#world);
    }
    if (!this.#isRung && !isLook && stored === 0) return false;
    this.#isRung = false;
    const room = Math.min(BATCH_MAX, AT_ONCE_MAX - this.#held.size);
    const claimed = room > 0 && !this.#isStopped ? await claimDue(this.#world, room) : [];
    if (claimed.length > 0) await this.#begin(claimed);
    return this.#done.length > 0;
  }

  async #begin(claimed: readonly Claimed[]): Promise<void> {
    for (const { id } of claimed) this.#held.add(id);
    try {
      for (const { delivery, keys } of await makeReady(this.#world, claimed)) void this.#attempt(delivery, keys);
    } catch (error) {
      for (const { id } of claimed) this.#held.delete(id);
      await giveBack(
        this.#world,
        claimed.map(({ id }) => id),
      );
      throw error;
    }
  }

  async #attempt(delivery: Delivery, keys: readonly string[] | undefined): Promise<void> {
    try {
      const made = await attempt(this.#world, delivery, { keys, signal: this.#stopping.signal });
      this.#done.push(made);
    } catch (error) {
      if (this.#stopping.signal.aborted) return; // given back by stop
      this.#world.log.error({ err: error, delivery: delivery.id }, 'an attempt at a webhook ended without an outcome');
      this.#held.delete(delivery.id);
      await giveBack(this.#world, [delivery.id]).catch(() => {}); // else others free it after a minute
    }
    this.#wake();
  }

  async #store(): Promise<number> {
    const batch = this.#done.slice(0, BATCH_MAX);
    if (batch.length === 0) return 0;
    await settle(this.#world, batch);
    this.#done.splice(0, batch.length);
    for (const { delivery } of batch) this.#held.delete(delivery.id);
    return batch.length;
  }

  #ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  /** Until all that is under way has ended, which of a receiver that is fast takes no time. */
  async #linger(): Promise<void> {
    const isOver = () => this.#isStopped || this.#done.length >= this.#held.size;
    if (isOver()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LINGER_MS);
      this.#wake = () => {
        if (!isOver()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Until an attempt ends, the bus rings, or it is time to look. */
  async #rest(): Promise<void> {
    if (this.#isRung || this.#done.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
