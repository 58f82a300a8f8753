/** Who waits for a budget in this process: served in order, people before syncs; told when it will take long, and refused when it would take too long. */
import { type Entering, type Local, noteSent, type Waiter } from './budget-local.ts';

/** It would have to wait longer than it may. */
export class BudgetUsedUp extends Error {
  override readonly name = 'BudgetUsedUp';
  /** Epoch milliseconds. */
  readonly until: number;

  constructor(until: number) {
    super(`The rate limit is used up until ${new Date(until).toISOString()}`);
    this.until = until;
  }
}

const WAIT_TOLD_MS = 1_000;

export const waiting = ({ interactive, background }: Local): number => interactive.length + background.length;

/** @param queued called once it has its place. @throws the signal's reason */
export function queue(local: Local, entering: Entering, { at, queued }: { at: number; queued: () => void }): Promise<void> {
  return new Promise((resolve, reject) => {
    const line = entering.interactive ? local.interactive : local.background;
    const { signal } = entering;
    const onAbort = () => {
      const place = line.indexOf(waiter);
      if (place >= 0) line.splice(place, 1);
      reject(signal?.reason);
    };
    const waiter: Waiter = {
      ...entering,
      deadline: at + entering.waitMaxMs,
      resolve: () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
      reject: (error) => {
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      },
      told: false,
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    line.push(waiter);
    queued();
  });
}

export function serve(local: Local, requests: number, at: number): void {
  local.inHand += requests;
  while (local.inHand > 0) {
    const next = local.interactive.shift() ?? local.background.shift();
    if (!next) return;
    local.inHand -= 1;
    noteSent(local, at);
    next.resolve();
  }
}

/** Of the moment at which there may be more. */
export function tell(local: Local, at: number): void {
  for (const line of [local.interactive, local.background]) {
    for (const waiter of [...line]) {
      if (local.retryAt > waiter.deadline) {
        line.splice(line.indexOf(waiter), 1);
        waiter.reject(new BudgetUsedUp(local.retryAt));
      } else if (!waiter.told && local.retryAt - at > WAIT_TOLD_MS) {
        waiter.told = true;
        waiter.onWait?.(local.retryAt);
      }
    }
  }
}
