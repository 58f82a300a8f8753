import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { open, sealedWith } from '../src/vault/open.ts';
import { seal } from '../src/vault/seal.ts';
import { VaultError } from '../src/vault/sealed.ts';

const one = randomBytes(32);
const two = randomBytes(32);
const ring = {
  current: 2,
  keys: new Map([
    [1, one],
    [2, two],
  ]),
};
const context = 'connection:env-1:42';

test.each(['', 'x', '{"access_token":"töken 🙂"}', 'a'.repeat(100_000)])('what is sealed opens to the same text (%#)', (text) => {
  expect(open(ring, context, seal(ring, context, text))).toBe(text);
});

test('a value opens after the current key changes, and says which key it needs', () => {
  const old = seal({ current: 1, keys: new Map([[1, one]]) }, context, 'v');
  expect(sealedWith(old)).toBe(1);
  expect(open(ring, context, old)).toBe('v');
  expect(() => open({ current: 2, keys: new Map([[2, two]]) }, context, old)).toThrow(
    'sealed with key 1, which BOWLINE_ENCRYPTION_KEY does not hold',
  );
});

test('a value does not open in another row', () => {
  expect(() => open(ring, 'connection:env-1:43', seal(ring, context, 'secret'))).toThrow(VaultError);
});

test('a value with any one bit changed does not open', () => {
  const sealed = seal(ring, context, 'secret');
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => open(ring, context, changed)).toThrow(VaultError);
  }
});

test('a cut or empty value is refused with its size', () => {
  const sealed = seal(ring, context, '');
  expect(() => open(ring, context, sealed.subarray(0, -1))).toThrow('this one has 32');
  expect(() => open(ring, context, Buffer.alloc(0))).toThrow('this one has 0');
});

test('sealing twice gives different bytes, and neither holds the text', () => {
  const [a, b] = [seal(ring, context, 'plain-secret'), seal(ring, context, 'plain-secret')];
  expect(a.equals(b)).toBe(false);
  expect(a.includes('plain-secret')).toBe(false);
});

test('bytes from a pooled buffer or a Uint8Array view open too', () => {
  const sealed = seal(ring, context, 'v');
  const wide = new Uint8Array(sealed.length + 10);
  wide.set(sealed, 5);
  expect(open(ring, context, wide.subarray(5, 5 + sealed.length))).toBe('v');
});

test('a ring without its current key does not seal', () => {
  expect(() => seal({ current: 9, keys: new Map() }, context, 'v')).toThrow('the current key 9');
});
