/**
 * Brings the database to the schema of this release: plain `.sql` files, in the order of their names, each in its
 * own transaction, under an advisory lock so that processes starting together take turns.
 * A file that was applied may never change: its checksum is kept, and a difference stops the start.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';

/** The stored schema and this release do not fit; the message names the file and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

type Migration = { name: string; text: string; checksum: string };

// Any number works as long as nobody else locks it: these are the bytes of "bowl".
const LOCK = 0x626f776c;

/**
 * @param folder where the `.sql` files are; those of the release by default
 * @returns names of the files applied by this call
 * @throws MigrationError when an applied file changed or vanished, or a statement fails (its file is rolled back)
 */
export async function migrate(pool: Pool, { log, folder = findMigrations() }: { log: Logger; folder?: string }): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query(`select pg_advisory_lock(${LOCK})`);
    await client.query(
      'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string; checksum: string }>('select name, checksum from migrations');
    const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]));
    refuseChanges(migrations, applied);
    const missing = migrations.filter(({ name }) => !applied.has(name));
    for (const migration of missing) {
      await apply(client, migration);
      log.info({ migration: migration.name }, 'schema changed');
    }
    return missing.map(({ name }) => name);
  } finally {
    await client.query(`select pg_advisory_unlock(${LOCK})`).catch(() => {});
    client.release();
  }
}

/** Beside `src`; the bundle keeps this file's own URL (scripts/build.mjs), so the path is the same there. */
function findMigrations(): string {
  return fileURLToPath(new URL('../../migrations/', import.meta.url));
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.sort().map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
  });
}

function refuseChanges(migrations: Migration[], applied: ReadonlyMap<string, string>): void {
  for (const [name, checksum] of applied) {
    const migration = migrations.find((candidate) => candidate.name === name);
    if (!migration)
      throw new MigrationError(`This database was migrated by a newer release (${name}). Run that release, or restore a backup.`);
    if (migration.checksum !== checksum) {
      throw new MigrationError(`${name} was changed after it was applied to this database. Undo the change and add a new file instead.`);
    }
  }
}

async function apply(client: PoolClient, { name, text, checksum }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(text);
    await client.query('insert into migrations (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new MigrationError(`${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
