/** Records: what syncs keep, read by cursor so that no change is missed. */
import { ConnectCalls } from './connect.ts';
import { type Consumed, type Consuming, consumePages, type PageHandler } from './consume.ts';
import type { FreeModel, ModelName, ModelOf, Project, UntypedModel } from './project.ts';
import { type ChangePage, iterable, type RecordPage, type SyncedRecord } from './record-page.ts';
import type { CallOptions } from './settings.ts';
import { send } from './transport.ts';
import type { Pruned } from './wire.ts';

type Action = 'added' | 'updated' | 'deleted' | 'ADDED' | 'UPDATED' | 'DELETED';
/**
 * One kind of change, or several separated by commas.
 *
 * @example
 * import type { ChangeFilter } from '@bowline/node';
 * const living: ChangeFilter = 'added,updated';
 * const page = await client.listRecords({ ...issues, filter: living });
 */
export type ChangeFilter = Action | `${Action},${Action}` | `${Action},${Action},${Action}`;
type Of<Model> = { providerConfigKey: string; connectionId: string; model: Model; variant?: string | undefined };

/**
 * What to read.
 *
 * @example
 * import type { RecordQuery } from '@bowline/node';
 * const query: RecordQuery = { providerConfigKey: 'github', connectionId: 'user-1', model: 'Issue', cursor, limit: 1000 };
 * const { records, next_cursor } = await client.listRecords(query);
 */
export type RecordQuery<Model = string> = Of<Model> & {
  /** Only what comes after it; opaque. */
  cursor?: string | null | undefined;
  /** ISO time in UTC, inclusive. A cursor is better: it misses nothing. */
  modifiedAfter?: string | undefined;
  /** The older name of `modifiedAfter`. */
  delta?: string | undefined;
  /** 1 to 10,000. Default: 100. */
  limit?: number | undefined;
  filter?: ChangeFilter | undefined;
  ids?: readonly string[] | undefined;
};
/**
 * Up to which record to empty.
 *
 * @example
 * import type { PruneQuery } from '@bowline/node';
 * const taken: PruneQuery = { ...issues, untilCursor: cursor ?? '' };
 * const { count, has_more } = await client.pruneRecords(taken);
 */
export type PruneQuery = Of<string> & { untilCursor: string; limit?: number | undefined };

export abstract class RecordCalls<P extends Project> extends ConnectCalls {
  /**
   * Reads one page of the records of a model, in the order of their last change.
   *
   * @example
   * const page = await client.listRecords<Issue>({ providerConfigKey: 'github', connectionId: 'user-1', model: 'GithubIssue' });
   * for (const issue of page) console.log(issue.id, issue._nango_metadata.last_action);
   */
  async listRecords<Name extends ModelName<P>>(query: RecordQuery<Name>, options?: CallOptions): Promise<RecordPage<ModelOf<P, Name>>>;
  async listRecords<T extends object = UntypedModel<P>>(query: RecordQuery<FreeModel<P, T>>, options?: CallOptions): Promise<RecordPage<T>>;
  async listRecords(query: RecordQuery, options?: CallOptions): Promise<RecordPage<object>> {
    return this.#read(query, options);
  }

  /**
   * Reads page after page to the end of what there is. A page is never empty; `page.cursor` is where to read on from, now or next year.
   *
   * @example
   * for await (const page of client.records({ providerConfigKey: 'github', connectionId: 'user-1', model: 'GithubIssue', cursor })) {
   *   for (const issue of page) await store(issue);
   *   cursor = page.cursor;
   * }
   */
  records<Name extends ModelName<P>>(query: RecordQuery<Name>, options?: CallOptions): AsyncIterable<ChangePage<ModelOf<P, Name>>>;
  records<T extends object = UntypedModel<P>>(query: RecordQuery<FreeModel<P, T>>, options?: CallOptions): AsyncIterable<ChangePage<T>>;
  records(query: RecordQuery, options?: CallOptions): AsyncIterable<ChangePage<object>> {
    return this.#pages(query, options);
  }

  /**
   * Hands each page of changes to your handler, and stores the cursor when the handler succeeded: after a failure or a crash the next call
   * goes on where this one came to. A change is handled at least once; store `position.cursor` in your handler's own transaction to make that exactly once.
   *
   * @example
   * const issues = { providerConfigKey: 'github', connectionId: 'user-1', model: 'GithubIssue' };
   * await client.consume({ ...issues, store: memoryCursors(), follow: true }, async (page) => {
   *   for (const issue of page) await index(issue);
   * }, { signal });
   */
  async consume<Name extends ModelName<P>>(
    query: Omit<RecordQuery<Name>, 'cursor'> & Consuming,
    handle: PageHandler<ModelOf<P, Name>>,
    options?: CallOptions,
  ): Promise<Consumed>;
  async consume<T extends object = UntypedModel<P>>(
    query: Omit<RecordQuery<FreeModel<P, T>>, 'cursor'> & Consuming,
    handle: PageHandler<T>,
    options?: CallOptions,
  ): Promise<Consumed>;
  async consume(query: Omit<RecordQuery, 'cursor'> & Consuming, handle: PageHandler<never>, options?: CallOptions): Promise<Consumed> {
    const { store, key = keyOf(query), follow, everyMs, onError, ...what } = query;
    // A time is where it begins; from then on the cursor says it better, and does not grow too old for the server.
    const begin = { modifiedAfter: undefined, delta: undefined };
    const read = (cursor: string | undefined) => this.#pages<never>({ ...what, ...(cursor ? begin : {}), cursor }, options);
    return consumePages({ store, key, follow, everyMs, onError, read, handle, signal: options?.signal });
  }

  /**
   * Empties the payloads of the oldest records up to and with a cursor, once you have them. The records stay, with their ids.
   *
   * @example
   * for await (const page of client.records(issues)) await client.pruneRecords({ ...issues, untilCursor: page.cursor });
   */
  async pruneRecords({ model, variant, limit, untilCursor, ...of }: PruneQuery, options?: CallOptions): Promise<Pruned> {
    const json = { model, variant, until_cursor: untilCursor, limit };
    const call = { method: 'PATCH', path: '/records/prune', headers: headersOf(of), json };
    return (await send<Pruned>(this.settings, call, options)).data;
  }

  async #read<T>({ providerConfigKey, connectionId, ...what }: RecordQuery, options?: CallOptions): Promise<RecordPage<T>> {
    const { model, variant, cursor, modifiedAfter, delta, limit, filter, ids } = what;
    const query = {
      model,
      variant,
      modified_after: modifiedAfter || delta || undefined,
      limit: limit || undefined,
      filter,
      cursor: cursor || undefined,
      ids,
    };
    const call = { method: 'GET', path: '/records', query, headers: headersOf({ providerConfigKey, connectionId }) };
    return iterable<T>((await send<{ records: SyncedRecord<T>[]; next_cursor: string | null }>(this.settings, call, options)).data);
  }

  async *#pages<T>(query: RecordQuery, options?: CallOptions): AsyncGenerator<ChangePage<T>, void> {
    for (let from = query.cursor; ; ) {
      const page = await this.#read<T>({ ...query, cursor: from }, options);
      const last = page.records.at(-1);
      if (last) yield Object.assign(page, { cursor: last._nango_metadata.cursor });
      if (page.next_cursor === null) return;
      from = page.next_cursor;
    }
  }
}

const headersOf = ({ providerConfigKey, connectionId }: Pick<Of<string>, 'providerConfigKey' | 'connectionId'>) => ({
  'connection-id': connectionId,
  'provider-config-key': providerConfigKey,
});

/** Encoded, so that no two streams have one key. */
function keyOf({ providerConfigKey, connectionId, model, variant = 'base' }: Of<string>): string {
  return [providerConfigKey, connectionId, model, variant].map(encodeURIComponent).join('/');
}
