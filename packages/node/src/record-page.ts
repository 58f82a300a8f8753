/** Records as they are answered: a page, and what the server keeps with each record. */
import type { StoredRecord } from './wire.ts';

/** When a record changed and how; `cursor` is its place in the order of changes. */
export type RecordMetadata = StoredRecord['_nango_metadata'];
/** The model's own fields with what the server keeps of them. */
export type SyncedRecord<T> = T & { id: string; _nango_metadata: RecordMetadata };

/** `for (const record of page)` goes over its records. */
export type RecordPage<T> = Iterable<SyncedRecord<T>> & {
  readonly records: SyncedRecord<T>[];
  /** Where the next page begins; null on the last. */
  readonly next_cursor: string | null;
};

/** A page with something in it, and where to read on from once it is dealt with. */
export type ChangePage<T> = RecordPage<T> & { readonly cursor: string };

/** What is answered looks the same as before in `JSON.stringify`, `Object.keys` and a debugger. */
export function iterable<T>(answer: { records: SyncedRecord<T>[]; next_cursor: string | null }): RecordPage<T> {
  const own = { value: () => answer.records[Symbol.iterator](), enumerable: false };
  return Object.defineProperty(answer, Symbol.iterator, own) as RecordPage<T>; // the property was just added
}
