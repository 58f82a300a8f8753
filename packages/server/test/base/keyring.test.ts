import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadKeyring } from '../../src/base/keyring.ts';

const root = mkdtempSync(join(tmpdir(), 'bowline-keyring-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a key is made once, readable by its owner only, and found again', () => {
  const home = join(root, 'made');
  const first = loadKeyring({ home, encryptionKeys: undefined });
  expect(first.keys.get(first.current)).toHaveLength(32);
  expect(statSync(join(home, 'encryption.key')).mode & 0o777).toBe(0o600);
  expect(loadKeyring({ home, encryptionKeys: undefined })).toEqual(first);
});

test('a damaged key file stops the start instead of being replaced', () => {
  writeFileSync(join(root, 'encryption.key'), 'short');
  expect(() => loadKeyring({ home: root, encryptionKeys: undefined })).toThrow(/restore it from a backup/);
});
