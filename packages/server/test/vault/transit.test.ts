import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parseConfig } from '../../src/base/config.ts';
import { many, only, run } from '../../src/base/database.ts';
import { checkKeys } from '../../src/vault/check.ts';
import { configureKeys } from '../../src/vault/configure.ts';
import { createKeyring } from '../../src/vault/data-keys.ts';
import { open } from '../../src/vault/open.ts';
import { rotateKeys } from '../../src/vault/rotate.ts';
import { seal } from '../../src/vault/seal.ts';
import { VaultError } from '../../src/vault/sealed.ts';
import { keyringOf, masterKeys } from '../keyring.ts';
import { freshDatabase } from '../postgres.ts';
import { startTransit } from './transit-server.ts';

const { db } = await freshDatabase();
const service = await startTransit();
afterAll(() => service.close());
const key = randomBytes(32);
const place = { environmentId: 1, context: 'c' };
const folder = mkdtempSync(join(tmpdir(), 'bowline-transit-'));

const configured = (token = service.token, env: Record<string, string> = {}) =>
  configureKeys(
    parseConfig({
      BOWLINE_HOME: folder,
      BOWLINE_TRANSIT_KEY_URL: service.keyUrl,
      BOWLINE_TRANSIT_TOKEN: token,
      BOWLINE_ENCRYPTION_KEY: key.toString('base64'),
      ...env,
    }),
  );
const ringOf = (keys: ReturnType<typeof configured>) => createKeyring({ db, ...keys });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it succeeded',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );

beforeEach(async () => {
  await run(db, sql`truncate data_keys, key_rotations restart identity`);
  service.fail(undefined);
  service.seen.length = 0;
});

test('data keys are wrapped by the service, asked once a key, and the database holds its ciphertext alone', async () => {
  const keys = configured();
  const ring = ringOf(keys);
  const sealed = await seal(ring, place, 'secret');
  const others = ringOf(configured());
  for (let count = 0; count < 20; count++) expect(await open(others, place, sealed)).toBe('secret');
  expect(service.seen.map(({ verb }) => verb)).toEqual(['encrypt', 'decrypt', 'decrypt']); // made, opened by the maker, opened by the other
  const row = await only<{ wrapped: Buffer; wrappedBy: string }>(db, sql`select wrapped, wrapped_by from data_keys`);
  expect(row.wrappedBy).toBe('transit:bowline:v1');
  expect(row.wrapped.toString('utf8')).toMatch(/^vault:v1:/);
  await keys.close();
});

test('a wrapped key does not unwrap for another environment', async () => {
  const keys = configured();
  await seal(ringOf(keys), place, 'secret');
  await run(db, sql`update data_keys set environment_id = 2`);
  expect(await failure(ringOf(keys).sealing(2))).toContain('message authentication failed');
  await keys.close();
});

test('from local keys to the service, then to its newer key version: a rotation wraps again, and the local key can go', async () => {
  const before = keyringOf(db, masterKeys([1, key]));
  const sealed = await seal(before, place, 'secret');
  const keys = configured();
  expect(await open(ringOf(keys), place, sealed)).toBe('secret');
  expect(await rotateKeys({ db, columns: [], ...keys }, { graceMs: 0 })).toMatchObject({ wrappedBy: 'transit:bowline:v1', wrapped: 1 });
  service.rotate();
  expect(await rotateKeys({ db, columns: [], ...keys }, { graceMs: 0 })).toMatchObject({ wrappedBy: 'transit:bowline:v2' });
  const names = await many<{ wrappedBy: string }>(db, sql`select distinct wrapped_by from data_keys`);
  expect(names).toEqual([{ wrappedBy: 'transit:bowline:v2' }]);
  const without = configured(service.token, { BOWLINE_ENCRYPTION_KEY: '' });
  expect(await open(ringOf(without), place, sealed)).toBe('secret');
  await Promise.all([keys.close(), without.close()]);
});

test('a token in a file is read for each request, so an agent may renew it', async () => {
  const path = join(folder, 'token');
  writeFileSync(path, `${service.token}\n`);
  const keys = configured(`file:${path}`);
  await seal(ringOf(keys), place, 'secret');
  service.setToken('hvs.renewed');
  writeFileSync(path, 'hvs.renewed\n');
  expect((await ringOf(keys).sealing(1)).key).toHaveLength(32);
  expect(service.seen.at(-1)?.token).toBe('hvs.renewed');
  service.setToken(service.token);
  await keys.close();
});

test.each([
  ['sealed', 503, 'status 503, Vault is sealed'],
  ['wrong token', undefined, 'status 403, permission denied'],
])('a service that does not answer (%s) stops the start, with its reason and without the token', async (what, status, reason) => {
  service.fail(status);
  const keys = configured(what === 'wrong token' ? 'hvs.canary' : service.token);
  const message = await failure(checkKeys({ db, columns: [], ...keys }));
  expect(message).toContain('nothing was changed');
  expect(message).toContain(reason);
  expect(message).not.toMatch(/hvs\./);
  await keys.close();
});

test('an outage is survived by what is in memory, and its end by asking again', async () => {
  const keys = configured();
  const ring = ringOf(keys);
  const sealed = await seal(ring, place, 'secret');
  service.fail(503);
  expect(await open(ring, place, sealed)).toBe('secret');
  const cold = ringOf(keys);
  await expect(open(cold, place, sealed)).rejects.toThrow(VaultError);
  service.fail(undefined);
  expect(await open(cold, place, sealed)).toBe('secret');
  await keys.close();
});

test.each([
  ['no token', { BOWLINE_TRANSIT_TOKEN: '' }],
  ['no key in the path', { BOWLINE_TRANSIT_KEY_URL: 'https://kms.internal/v1/transit' }],
  ['another scheme', { BOWLINE_TRANSIT_KEY_URL: 'ftp://kms.internal/v1/transit/keys/bowline' }],
  ['credentials in the URL', { BOWLINE_TRANSIT_KEY_URL: 'https://u:canary@kms.internal/v1/transit/keys/bowline' }],
])('a setting that cannot work is refused at the start: %s', (_, env) => {
  expect(() => configured(service.token, env)).toThrow(/BOWLINE_TRANSIT_KEY_URL/);
  expect(() => configured(service.token, env)).not.toThrow(/hvs\./);
});
