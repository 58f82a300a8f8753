import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { only, run, transaction } from '../../src/base/database.ts';
import { destroyDataKeys } from '../../src/vault/destroy.ts';
import { open } from '../../src/vault/open.ts';
import { seal } from '../../src/vault/seal.ts';
import { encrypt, headerOf, type Place, VaultError } from '../../src/vault/sealed.ts';
import type { KeyWrapper } from '../../src/vault/wrapper.ts';
import { localWrapper } from '../../src/vault/wrapper.ts';
import { keyringOf, masterKeys } from '../keyring.ts';
import { freshDatabase } from '../postgres.ts';

const { db } = await freshDatabase();
const [one, two] = [randomBytes(32), randomBytes(32)];
const master = masterKeys([2, two], [1, one]);
const ring = keyringOf(db, master);
const place: Place = { environmentId: 1, context: 'connection:1:42' };
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it succeeded',
    (error: unknown) => (error instanceof VaultError ? error.message : error),
  );

test.each(['', 'x', '{"access_token":"töken 🙂"}', 'a'.repeat(100_000)])('what is sealed opens to the same text (%#)', async (text) => {
  expect(await open(ring, place, await seal(ring, place, text))).toBe(text);
});

test('a value from before there were data keys opens with the master key it was sealed with, and says which one is missing', async () => {
  const old = encrypt({ form: 1, keyId: 1 }, one, { context: place.context, plaintext: Buffer.from('v') });
  expect(await open(ring, place, old)).toBe('v');
  expect(await failure(open(keyringOf(db, masterKeys([2, two])), place, old))).toContain(
    'sealed with key 1, which BOWLINE_ENCRYPTION_KEY does not hold',
  );
});

test('a value does not open in another row', async () => {
  const sealed = await seal(ring, place, 'secret');
  expect(await failure(open(ring, { ...place, context: 'connection:1:43' }, sealed))).toContain('moved from another row');
});

test('a value does not open in another environment, even when its text names the first one', async () => {
  const sealed = await seal(ring, place, 'secret');
  expect(await failure(open(ring, { ...place, environmentId: 2 }, sealed))).toContain('which this environment does not have');
});

test("a data key that is moved to another environment's row does not unwrap there", async () => {
  const [here, there] = [
    { environmentId: 11, context: 'c' },
    { environmentId: 12, context: 'c' },
  ];
  const sealed = await seal(ring, here, 'secret');
  await run(db, sql`update data_keys set environment_id = 12 where environment_id = 11`);
  expect(await failure(open(keyringOf(db, master), there, sealed))).toContain('a value of data-key:12 does not open');
});

test('a value with any one bit changed does not open', async () => {
  const sealed = await seal(ring, place, 'secret');
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(await failure(open(ring, place, changed))).not.toBe('it succeeded');
  }
});

test('a cut or empty value is refused with its size', async () => {
  const sealed = await seal(ring, place, '');
  expect(await failure(open(ring, place, sealed.subarray(0, -1)))).toContain('this one has 32');
  expect(await failure(open(ring, place, Buffer.alloc(0)))).toContain('this one has 0');
});

test('sealing twice gives different bytes, and neither holds the text', async () => {
  const [a, b] = [await seal(ring, place, 'plain-secret'), await seal(ring, place, 'plain-secret')];
  expect(a.equals(b)).toBe(false);
  expect(a.includes('plain-secret')).toBe(false);
});

test('bytes from a pooled buffer or a Uint8Array view open too', async () => {
  const sealed = await seal(ring, place, 'v');
  const wide = new Uint8Array(sealed.length + 10);
  wide.set(sealed, 5);
  expect(await open(ring, place, wide.subarray(5, 5 + sealed.length))).toBe('v');
});

test('each environment has a data key of its own, and what belongs to none has another', async () => {
  const ids = await Promise.all(
    [1, 2, null].map(async (environmentId) => headerOf(await seal(ring, { environmentId, context: 'c' }, 'v')).keyId),
  );
  expect(new Set(ids).size).toBe(3);
});

test('of many processes that need the first key of an environment at once, all use one', async () => {
  const sealed = await Promise.all(
    Array.from({ length: 40 }, (_, index) => seal(index % 2 ? ring : keyringOf(db, master), { environmentId: 3, context: 'c' }, 'v')),
  );
  expect(new Set(sealed.map((bytes) => headerOf(bytes).keyId)).size).toBe(1);
  for (const bytes of sealed) expect(await open(keyringOf(db, master), { environmentId: 3, context: 'c' }, bytes)).toBe('v');
});

test('the master key is asked once for a thousand values, and not again for minutes', async () => {
  let asked = 0;
  const counting: KeyWrapper = {
    ...localWrapper(master),
    unwrap: (...given) => {
      asked++;
      return localWrapper(master).unwrap(...given);
    },
  };
  const sealed = await seal(ring, { environmentId: 4, context: 'c' }, 'v');
  const fresh = keyringOf(db, master, { wrappers: [counting] });
  await Promise.all(Array.from({ length: 1_000 }, () => open(fresh, { environmentId: 4, context: 'c' }, sealed)));
  await open(fresh, { environmentId: 4, context: 'c' }, sealed);
  expect(asked).toBe(1);
});

test('a failure to unwrap is not remembered', async () => {
  let away = true;
  const flaky: KeyWrapper = {
    ...localWrapper(master),
    unwrap: (...given) => (away ? Promise.reject(new VaultError('away')) : localWrapper(master).unwrap(...given)),
  };
  const sealed = await seal(ring, place, 'v');
  const fresh = keyringOf(db, master, { wrappers: [flaky] });
  expect(await failure(open(fresh, place, sealed))).toBe('away');
  away = false;
  expect(await open(fresh, place, sealed)).toBe('v');
});

test('what the keys of a deleted environment sealed can never be opened again, and no new key is made for it', async () => {
  const gone = { environmentId: 5, context: 'c' };
  const sealed = await seal(ring, gone, 'v');
  await transaction(db, (tx) => destroyDataKeys(tx, 5));
  const fresh = keyringOf(db, master);
  expect(await failure(open(fresh, gone, sealed))).toContain('destroyed');
  expect(await failure(seal(fresh, gone, 'v'))).toContain('destroyed');
  const { wrapped } = await only<{ wrapped: Buffer | null }>(db, sql`select wrapped from data_keys where environment_id = 5`);
  expect(wrapped).toBe(null);
});

test('the data key is not in the database in the clear', async () => {
  const { key } = await ring.sealing(1);
  const { found } = await only<{ found: boolean }>(
    db,
    sql`select exists(select from data_keys where position(${key}::bytea in wrapped) > 0) as found`,
  );
  expect(found).toBe(false);
});
