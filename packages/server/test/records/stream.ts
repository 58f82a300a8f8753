import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { canonical } from '../../src/base/canonical.ts';
import { many, only } from '../../src/base/database.ts';
import type { Database } from '../../src/base/world.ts';
import type { RecordWorld } from '../../src/records/key.ts';
import { type ListOptions, listRecords } from '../../src/records/list.ts';
import { saveRecords } from '../../src/records/save.ts';
import { openStream, type Stream } from '../../src/records/stream.ts';
import type { Writer } from '../../src/records/writer.ts';
import { keyringOf, masterKeys } from '../keyring.ts';
import { createTenant, type Tenant } from './tenant.ts';

export type Item = { readonly id: string } & Readonly<Record<string, unknown>>;
type Read = Item & {
  readonly _nango_metadata: { readonly last_action: string; readonly cursor: string } & Readonly<Record<string, string | null>>;
};

const master = masterKeys([1, randomBytes(32)]);

/** What the store needs of a World. Whoever is to read what another wrote needs that one's. */
export const worldOf = (db: Database, sealRecords = true): RecordWorld => ({ db, keyring: keyringOf(db, master), config: { sealRecords } });

/** A stream of a tenant of its own, with short hands for what tests do to it. */
export class TestStream {
  readonly db: Database;
  readonly world: RecordWorld;
  readonly tenant: Tenant;
  readonly stream: Stream;
  #run = 0;

  constructor(db: Database, tenant: Tenant, stream: Stream, world = worldOf(db)) {
    this.db = db;
    this.world = world;
    this.tenant = tenant;
    this.stream = stream;
  }

  static async open(db: Database, model = 'Contact', world = worldOf(db)): Promise<TestStream> {
    const tenant = await createTenant(db);
    return new TestStream(db, tenant, await openStream(db, tenant.scope, { connection: tenant.connection, model }), world);
  }

  get scope() {
    return this.tenant.scope;
  }
  /** A run newer than all before. */
  nextRun(): number {
    return ++this.#run;
  }
  save(items: readonly Item[], writer: Partial<Writer> = {}, { db = this.db, sealRecords = true } = {}) {
    const ids = items.map(({ id }) => id);
    return saveRecords({ ...this.world, db, config: { sealRecords } }, this.scope, {
      stream: this.stream,
      runId: this.#run,
      ...writer,
      ids,
      lines: items.map(canonical),
    });
  }
  async list(options: ListOptions = {}): Promise<{ records: Read[]; next_cursor: string | null }> {
    return JSON.parse((await listRecords(this.world, this.scope, { stream: this.stream, ...options })).bytes.toString());
  }
  /** `id ACTION` of every record, in order. */
  async actions(options: ListOptions = {}): Promise<string[]> {
    const { records } = await this.list(options);
    return records.map(({ id, _nango_metadata }) => `${id} ${_nango_metadata.last_action}`);
  }
  /** The counters kept on the stream, and what they should be. */
  async counters() {
    const kept = await only<{ live: number; deleted: number; bytes: number }>(
      this.db,
      sql`select live, deleted, bytes from record_streams where id = ${this.stream.id}`,
    );
    const [counted] = await many<{ live: number; deleted: number; bytes: number }>(
      this.db,
      sql`select count(*) filter (where deleted_at is null)::int as live, count(*) filter (where deleted_at is not null)::int as deleted,
        coalesce(sum(octet_length(content) - case when get_byte(content, 0) = ascii('{') then 0 else 29 end) filter (where deleted_at is null), 0)::int as bytes
        from records where stream_id = ${this.stream.id}`,
    );
    return { kept, counted };
  }
}
