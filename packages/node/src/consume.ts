/**
 * Hands pages of changes to a handler and stores how far it came, after the handler and only when it succeeded: each change is
 * handled at least once. Knows of the client nothing but how to read on from a cursor.
 */
import type { CursorStore } from './cursor-store.ts';
import type { ChangePage } from './record-page.ts';
import type { CallOptions } from './settings.ts';
import { sleep } from './transport.ts';

/**
 * Of `consume`, besides what to read.
 *
 * @example
 * import { memoryCursors, type Consuming } from '@bowline/node';
 * const forEver: Consuming = { store: memoryCursors(), follow: true, everyMs: 30_000, onError: (error) => console.error(error) };
 * await client.consume({ ...issues, ...forEver }, async (page) => void index(page.records), { signal });
 */
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

/**
 * What the handler gets besides the page.
 *
 * @example
 * import { memoryCursors, type Position } from '@bowline/node';
 * const note = ({ key, cursor }: Position) => console.log(`${key} stands at ${cursor}`);
 * await client.consume({ ...issues, store: memoryCursors() }, async (page, position) => note(position));
 */
export type Position = {
  readonly key: string;
  /** To be stored when the page is dealt with. */
  readonly cursor: string;
};
/**
 * What is done with a page. It is read again when this rejects, so a record may come twice.
 *
 * @example
 * import { memoryCursors, type PageHandler } from '@bowline/node';
 * const handle: PageHandler<Issue> = async (page) => {
 *   for (const issue of page) await store(issue);
 * };
 * await client.consume<Issue>({ ...issues, store: memoryCursors() }, handle);
 */
export type PageHandler<T> = (page: ChangePage<T>, position: Position) => unknown;
/**
 * How much was handled.
 *
 * @example
 * import { memoryCursors, type Consumed } from '@bowline/node';
 * const { pages, records }: Consumed = await client.consume({ ...issues, store: memoryCursors() }, async (page) => void index(page.records));
 */
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
