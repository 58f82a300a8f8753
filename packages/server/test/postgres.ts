/**
 * The Postgres of the tests: one embedded server for a whole run, and a migrated database of its own for each test file.
 * With TEST_DATABASE_URL the same tests run against that server instead; its user must be allowed to create databases.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Pool } from 'pg';
import { pino } from 'pino';
import { afterAll, inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import type { Database } from '../src/base/database.ts';
import { startEmbedded } from '../src/base/embedded.ts';
import { migrate } from '../src/base/migrate.ts';
import { connectPostgres, type PostgresTarget } from '../src/base/postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgres: { target: PostgresTarget; template: string };
  }
}

export type TestDatabase = { readonly target: PostgresTarget; readonly pool: Pool; readonly db: Database };

const log = pino({ level: 'silent' });

/**
 * A fresh, migrated database; call it at the top level of a test file. It is dropped when the file is done.
 * @param empty without the schema
 */
export async function freshDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const { target: server, template } = inject('postgres');
  const name = `bowline_test_${randomBytes(6).toString('hex')}`;
  await run(server, `create database ${name}${empty ? '' : ` template ${template}`}`);
  const target = at(server, name);
  const { pool, db } = connectPostgres(target, { max: 10, log });
  afterAll(async () => {
    await pool.end();
    await run(server, `drop database if exists ${name} with (force)`);
  });
  return { target, pool, db };
}

/** Vitest calls this once before all test files. @public */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  const home = mkdtempSync(join(tmpdir(), 'bowline-test-'));
  chmodSync(home, 0o711); // as root the server runs as another user, who must pass through
  // Tests of several platforms at once need more connections than one platform does.
  // Durability costs time and is tested on servers of its own (embedded.test.ts).
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
  const embedded = given ? undefined : await startEmbedded({ home: join(home, 'home'), log, settings });
  const drop = await provideDatabases(project, embedded?.target ?? given ?? '');
  return async () => {
    if (!embedded) await drop();
    await embedded?.stop();
    rmSync(home, { recursive: true, force: true });
  };
}

/** Makes the migrated template that every test file's database is a copy of. @returns how to drop it */
export async function provideDatabases(project: TestProject, target: PostgresTarget): Promise<() => Promise<void>> {
  const template = `bowline_template_${randomBytes(4).toString('hex')}`;
  await run(target, `create database ${template}`);
  const { pool } = connectPostgres(at(target, template), { max: 1, log });
  await migrate(pool, { log });
  await pool.end();
  project.provide('postgres', { target, template });
  return () => run(target, `drop database ${template}`);
}

function at(server: PostgresTarget, database: string): PostgresTarget {
  if (typeof server !== 'string') return { ...server, database };
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function run(target: PostgresTarget, statement: string): Promise<void> {
  const client = new Client(typeof target === 'string' ? { connectionString: target } : target);
  await client.connect();
  await client.query(statement);
  await client.end();
}
