/**
 * Brings the database to the schema of this release: plain `.sql` files, in the order of their names, each in its
 * own transaction, under an advisory lock so that processes starting together take turns.
 * A file that was applied may never change: its checksum is kept, and a difference stops the start. One that begins with `-- expand` only adds
 * what the release before does not miss: processes of that one go on beside it, and start. After any other they do neither.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import { type Database, many } from './database.ts';

/** The stored schema and this release do not fit; the message names the file and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

type Migration = { name: string; text: string; checksum: string; expands: boolean };
type Applied = { name: string; checksum: string; expands: boolean };

// Any number works as long as nobody else locks it: these are the bytes of "bowl".
const LOCK = 0x626f776c;

/**
 * @param before what is to be true before anything is written; while it is looked at nobody else migrates
 * @param folder where the `.sql` files are; those of the release by default
 * @returns names of the files applied by this call
 * @throws MigrationError when an applied file changed or vanished, or a statement fails (its file is rolled back)
 */
export async function migrate(
  pool: Pool,
  { log, folder = findMigrations(), before }: { log: Logger; folder?: string; before?: () => Promise<void> },
): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = await pool.connect();
  try {
    await client.query(`select pg_advisory_lock(${LOCK})`);
    await before?.();
    await client.query(
      'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    await client.query('alter table migrations add column if not exists expands boolean not null default false');
    const { rows: applied } = await client.query<Applied>('select name, checksum, expands from migrations order by name');
    const newer = refuseChanges(migrations, applied);
    if (newer.length > 0) log.warn({ migrations: newer }, 'a newer release works on this database; this one goes on beside it');
    const missing = migrations.filter(({ name }) => !applied.some((one) => one.name === name));
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
    return { name, text, checksum: createHash('sha256').update(text).digest('hex'), expands: /^-- expand\b/.test(text) };
  });
}

/** @returns names of those of a newer release that this one may work with */
function refuseChanges(migrations: Migration[], applied: readonly Applied[]): string[] {
  const newer: string[] = [];
  for (const { name, checksum, expands } of applied) {
    const migration = migrations.find((candidate) => candidate.name === name);
    if (!migration && !expands)
      throw new MigrationError(`This database was migrated by a newer release (${name}). Run that release, or restore a backup.`);
    if (!migration) newer.push(name);
    else if (migration.checksum !== checksum)
      throw new MigrationError(`${name} was changed after it was applied to this database. Undo the change and add a new file instead.`);
  }
  return newer;
}

/** Asked while a process runs: names of what a newer release changed meanwhile and this one does not fit. */
export async function unfitting(db: Database, folder = findMigrations()): Promise<string[]> {
  const known = readdirSync(folder);
  const applied = await many<{ name: string }>(db, sql`select name from migrations where not expands order by name`);
  return applied.flatMap(({ name }) => (known.includes(name) ? [] : name));
}

async function apply(client: PoolClient, { name, text, checksum, expands }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(text);
    await client.query('insert into migrations (name, checksum, expands) values ($1, $2, $3)', [name, checksum, expands]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw new MigrationError(`${name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
