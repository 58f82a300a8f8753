/**
 * Hands pages of changes to a handler and stores how far it came, after the handler and only when it succeeded: each change is
 * handled at least once. Knows of the client nothing but how to read on from a cursor.
 */
import type { CursorStore } from './cursor-store.ts';
import type { ChangePage } from './record-page.ts';
import type { CallOptions } from './settings.ts';
import { sleep } from './transport.ts';

/** Of `consume`, besides what to read. */
export type Consuming = {
  store: CursorStore;
  /** Names the cursor in the store. Default: integration, connection, model and variant. */
  key?: string | undefined;
  /** Stay, and look again and again until the signal aborts; `consume` then resolves. */
  follow?: boolean | undefined;
  /** Between two looks. Default: 10 s. */
  everyMs?: number | undefined;
  /** While following: called with what failed, and the page is read again after `everyMs`. Without it `consume` rejects. */
  onError?: ((error: unknown) => void) | undefined;
};

/** What the handler gets besides the page. */
export type Position = {
  readonly key: string;
  /** To be stored when the page is dealt with. */
  readonly cursor: string;
};
export type PageHandler<T> = (page: ChangePage<T>, position: Position) => unknown;
export type Consumed = { pages: number; records: number };

export type Job<T> = Omit<Consuming, 'key'> & {
  readonly key: string;
  read(cursor: string | undefined): AsyncIterable<ChangePage<T>>;
  readonly handle: PageHandler<T>;
  readonly signal: CallOptions['signal'];
};

export async function consumePages<T>(job: Job<T>): Promise<Consumed> {
  const { follow = false, everyMs = 10_000, signal, onError } = job;
  const consumed = { pages: 0, records: 0 };
  for (;;) {
    try {
      await consumeNow(job, consumed);
    } catch (error) {
      if (follow && signal?.aborted) return consumed;
      if (!follow || !onError) throw error;
      onError(error);
    }
    if (!follow) return consumed;
    await sleep(everyMs, signal).catch(() => undefined);
    if (signal?.aborted) return consumed;
  }
}

/** To the end of what there is. The cursor is loaded each time: what was stored is what counts. */
async function consumeNow<T>({ key, store, read, handle, signal }: Job<T>, consumed: Consumed): Promise<void> {
  signal?.throwIfAborted();
  for await (const page of read((await store.load(key)) ?? undefined)) {
    await handle(page, { key, cursor: page.cursor });
    await store.save?.(key, page.cursor);
    consumed.pages += 1;
    consumed.records += page.records.length;
    signal?.throwIfAborted();
  }
}
