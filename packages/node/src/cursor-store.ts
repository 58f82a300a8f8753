/** Where a consumer's cursors are kept. */

/**
 * `key` names one stream of one connection. Implement it on your own database.
 *
 * @example
 * import type { CursorStore } from '@bowline/node';
 * const kept = new Map<string, string>();
 * const cursors: CursorStore = { load: (key) => kept.get(key), save: (key, cursor) => void kept.set(key, cursor) };
 */
export type CursorStore = {
  load(key: string): Promise<string | null | undefined> | string | null | undefined;
  /** Leave it out when your handler stores the cursor itself, in one transaction with what it makes of the records. */
  save?(key: string, cursor: string): Promise<void> | void;
};

/**
 * Cursors in memory: for tests, and for what may begin anew with the process.
 *
 * @example
 * await client.consume({ ...issues, store: memoryCursors() }, async (page) => void index(page.records));
 */
export function memoryCursors(): CursorStore {
  const cursors = new Map<string, string>();
  return { load: (key) => cursors.get(key), save: (key, cursor) => void cursors.set(key, cursor) };
}
