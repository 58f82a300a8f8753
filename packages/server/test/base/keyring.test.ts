import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadMasterKeys } from '../../src/base/keyring.ts';

const root = mkdtempSync(join(tmpdir(), 'bowline-keyring-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const inHome = (name: string) => loadMasterKeys({ home: join(root, name), encryptionKeys: undefined });

test('a key is made when one is needed first, once, readable by its owner only, and found again', () => {
  const home = join(root, 'made');
  const first = inHome('made');
  expect(first.find(1)).toBe(undefined);
  expect(() => statSync(home)).toThrow('ENOENT'); // nothing is written by looking
  const { id, key } = first.current();
  expect([id, key.length]).toEqual([1, 32]);
  expect(statSync(join(home, 'encryption.key')).mode & 0o777).toBe(0o600);
  expect(inHome('made').current()).toEqual({ id, key });
  expect(inHome('made').find(1)).toEqual(key);
});

test('a damaged key file stops the start instead of being replaced', () => {
  mkdirSync(join(root, 'damaged'));
  writeFileSync(join(root, 'damaged', 'encryption.key'), 'short');
  expect(() => inHome('damaged')).toThrow(/restore it from a backup/);
  expect(readFileSync(join(root, 'damaged', 'encryption.key'), 'utf8')).toBe('short');
});

test('a key that another process adds to the file is found while we run, and wraps from then on', () => {
  const running = inHome('added');
  const old = running.current();
  const fresh = inHome('added').add?.();
  expect(fresh?.id).toBe(2);
  expect(running.find(2)).toEqual(fresh?.key);
  expect(running.current()).toEqual(fresh);
  expect(running.find(1)).toEqual(old.key);
  expect(inHome('added').current()).toEqual(fresh);
  expect(statSync(join(root, 'added', 'encryption.key')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(root, 'added'))).toEqual(['encryption.key']);
});

test('keys from the environment are not ours to add to', () => {
  const keys = loadMasterKeys({ home: join(root, 'none'), encryptionKeys: { current: 4, keys: new Map([[4, Buffer.alloc(32, 4)]]) } });
  expect(keys.add).toBe(undefined);
  expect(keys.current().id).toBe(4);
});
