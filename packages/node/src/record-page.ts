/** Records as they are answered: a page, and what the server keeps with each record. */
import type { StoredRecord } from './wire.ts';

/**
 * When a record changed and how; `cursor` is its place in the order of changes.
 *
 * @example
 * import type { RecordMetadata } from '@bowline/node';
 * const isGone = ({ last_action }: RecordMetadata) => last_action === 'DELETED';
 */
export type RecordMetadata = StoredRecord['_nango_metadata'];
/**
 * The model's own fields with what the server keeps of them.
 *
 * @example
 * import type { SyncedRecord } from '@bowline/node';
 * const describe = (issue: SyncedRecord<{ title: string }>) => `${issue.id}: ${issue.title}, ${issue._nango_metadata.last_action}`;
 */
export type SyncedRecord<T> = T & { id: string; _nango_metadata: RecordMetadata };

/**
 * `for (const record of page)` goes over its records.
 *
 * @example
 * import type { RecordPage } from '@bowline/node';
 * const page: RecordPage<Issue> = await client.listRecords<Issue>(issues);
 * for (const issue of page) await store(issue);
 */
export type RecordPage<T> = Iterable<SyncedRecord<T>> & {
  readonly records: SyncedRecord<T>[];
  /** Where the next page begins; null on the last. */
  readonly next_cursor: string | null;
};

/**
 * A page with something in it, and where to read on from once it is dealt with.
 *
 * @example
 * import type { ChangePage } from '@bowline/node';
 * const take = async (page: ChangePage<Issue>) => {
 *   await index(page.records);
 *   cursor = page.cursor;
 * };
 */
export type ChangePage<T> = RecordPage<T> & { readonly cursor: string };

/** What is answered looks the same as before in `JSON.stringify`, `Object.keys` and a debugger. */
export function iterable<T>(answer: { records: SyncedRecord<T>[]; next_cursor: string | null }): RecordPage<T> {
  const own = { value: () => answer.records[Symbol.iterator](), enumerable: false };
  return Object.defineProperty(answer, Symbol.iterator, own) as RecordPage<T>; // the property was just added
}
