import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { MigrationError, migrate, unfitting } from '../../src/base/migrate.ts';
import { freshDatabase } from '../postgres.ts';

const { pool, db } = await freshDatabase({ empty: true });
const log = pino({ level: 'silent' });
let folder = '';
const folders: string[] = [];
beforeEach(async () => {
  await pool.query('drop schema public cascade; create schema public');
  folder = mkdtempSync(join(tmpdir(), 'bowline-migrate-'));
  folders.push(folder);
});
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});
const file = (name: string, text: string) => writeFileSync(join(folder, name), text);

test('files are applied once, in the order of their names', async () => {
  file('002-second.sql', 'alter table first add column b int;');
  file('001-first.sql', 'create table first (a int); insert into first values (1);');
  expect(await migrate(pool, { log, folder })).toEqual(['001-first.sql', '002-second.sql']);
  expect(await migrate(pool, { log, folder })).toEqual([]);
  expect((await pool.query('select * from first')).rows).toEqual([{ a: 1, b: null }]);
});

test('a failing file is undone as a whole and named; those before it stay', async () => {
  file('001-good.sql', 'create table good (a int);');
  file('002-bad.sql', 'create table half (a int); select * from nowhere;');
  await expect(migrate(pool, { log, folder })).rejects.toThrow(/002-bad\.sql failed: relation "nowhere" does not exist/);
  const { rows } = await pool.query("select to_regclass('good') as good, to_regclass('half') as half");
  expect(rows).toEqual([{ good: 'good', half: null }]);
});

test('an applied file that changed stops the start', async () => {
  file('001-first.sql', 'create table first (a int);');
  await migrate(pool, { log, folder });
  file('001-first.sql', 'create table first (a bigint);');
  await expect(migrate(pool, { log, folder })).rejects.toThrow(MigrationError);
});

test('a database migrated by a newer release is refused', async () => {
  file('001-first.sql', 'create table first (a int);');
  file('002-newer.sql', 'create table newer (a int);');
  await migrate(pool, { log, folder });
  rmSync(join(folder, '002-newer.sql'));
  await expect(migrate(pool, { log, folder })).rejects.toThrow(/newer release \(002-newer\.sql\)/);
});

test('a release starts beside a newer one whose files only expand, and a running one learns which it does not fit', async () => {
  file('001-first.sql', 'create table first (a int);');
  file('002-newer.sql', '-- expand: a column nobody else misses\nalter table first add column b int;');
  await migrate(pool, { log, folder });
  rmSync(join(folder, '002-newer.sql'));
  expect(await migrate(pool, { log, folder })).toEqual([]);
  expect(await unfitting(db, folder)).toEqual([]);
  file('003-drops.sql', 'alter table first drop column a;');
  await migrate(pool, { log, folder });
  rmSync(join(folder, '003-drops.sql'));
  expect(await unfitting(db, folder)).toEqual(['003-drops.sql']);
});

test('processes starting together apply each file once', async () => {
  file('001-first.sql', 'create table first (a int); insert into first values (1); select pg_sleep(0.05);');
  const applied = await Promise.all([1, 2, 3].map(() => migrate(pool, { log, folder })));
  expect(applied.flat()).toEqual(['001-first.sql']);
  expect((await pool.query('select * from first')).rows).toEqual([{ a: 1 }]);
});
