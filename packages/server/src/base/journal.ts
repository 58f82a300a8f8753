/**
 * A write buffer: entries handed in one by one are saved in batches, in the order they came.
 * Writing never waits and never throws; a failing save is retried until it works.
 * Memory is bounded: when the database stays away too long the oldest entries are dropped, counted and reported.
 */
import type { Logger } from 'pino';

export type Journal<Entry = unknown> = {
  write(entry: Entry): void;
  /** Resolves when all that was written before is saved (or was dropped). */
  flush(): Promise<void>;
  /** Saves what is left; gives up on a save that fails `CLOSE_ATTEMPTS` times in a row. */
  close(): Promise<void>;
};
export type JournalOptions = {
  readonly log: Logger;
  /** How long an entry may wait for others to share a batch: long enough that what begins and ends within it is one row written once. */
  readonly everyMs?: number;
  /** Entries kept while a save is under way or failing; a full buffer is saved at once. */
  readonly max?: number;
};

const RETRY_MS_MAX = 5_000;
const CLOSE_ATTEMPTS = 3;

export function createJournal<Entry>(
  save: (entries: readonly Entry[]) => Promise<void>,
  { log, everyMs = 200, max = 5_000 }: JournalOptions,
): Journal<Entry> {
  let waiting: Entry[] = [];
  let written = 0; // entries ever handed in
  let settled = 0; // entries saved or dropped
  let dropped = 0;
  let attempts = 0;
  let closing = false;
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> | undefined;

  function drop(count: number): void {
    waiting.splice(0, count);
    settled += count;
    dropped += count;
  }

  async function saveBatch(): Promise<void> {
    const batch = waiting;
    if (batch.length === 0) return;
    waiting = [];
    try {
      await save(batch);
      settled += batch.length;
      attempts = 0;
      if (dropped > 0) log.error({ dropped }, 'activity log entries were dropped while the database was away');
      dropped = 0;
    } catch (error) {
      waiting = batch.concat(waiting); // concat, since spreading thousands of arguments overflows the stack
      if (waiting.length > max) drop(waiting.length - max);
      attempts += 1;
      log.warn({ err: error, attempts, waiting: waiting.length, dropped }, 'activity log entries could not be saved; trying again');
    }
  }

  function schedule(delayMs: number): void {
    if (timer || saving || waiting.length === 0) return;
    timer = setTimeout(start, delayMs);
  }

  function start(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    saving ??= saveBatch().finally(() => {
      saving = undefined;
      if (!closing) schedule(attempts === 0 ? everyMs : Math.min(everyMs * 2 ** attempts, RETRY_MS_MAX));
    });
    return saving;
  }

  async function flush(): Promise<void> {
    const goal = written;
    while (settled < goal) {
      if (closing && attempts >= CLOSE_ATTEMPTS) {
        log.error({ lost: waiting.length }, 'activity log entries are lost: the database did not take them before the stop');
        return;
      }
      if (attempts > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(everyMs * 2 ** attempts, RETRY_MS_MAX)));
      await start();
    }
  }

  return {
    write(entry) {
      written += 1;
      waiting.push(entry);
      if (waiting.length >= max && !saving && attempts === 0) void start();
      if (waiting.length > max) drop(1);
      schedule(everyMs);
    },
    flush,
    async close() {
      closing = true;
      await flush();
      clearTimeout(timer);
    },
  };
}
