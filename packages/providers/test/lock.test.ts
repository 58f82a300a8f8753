import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { lockChanges, lockFile, lockText } from '../src/lock.ts';
import type { Provider } from '../src/provider.ts';

const entries = loadCatalogue().list();

test.runIf(existsSync(lockFile))('catalog.lock knows what every entry says; `npm run catalogue -- lock` writes it anew', () => {
  expect(lockChanges(readFileSync(lockFile, 'utf8'), lockText(entries))).toEqual([]);
});

test('a change to an entry changes its line alone, and additions and removals are named', () => {
  const changed = (provider: Provider): Provider => (provider.name === 'slack' ? { ...provider, display_name: 'Slack 2' } : provider);
  const fewer = entries.filter(({ name }) => name !== 'github');
  expect(lockChanges(lockText(entries), lockText(entries.map(changed)))).toEqual(['slack changed']);
  expect(lockChanges(lockText(entries), lockText(fewer))).toEqual(['github is gone']);
  expect(lockChanges(lockText(fewer), lockText(entries))).toEqual(['github is new']);
  expect(lockText(entries)).toBe(lockText(loadCatalogue().list()));
});

test('the order of fields, in which forms show them, is part of what an entry says', () => {
  const reversed = entries.map((provider) => ({
    ...provider,
    credentials: provider.credentials && Object.fromEntries(Object.entries(provider.credentials).reverse()),
  }));
  expect(lockChanges(lockText(entries), lockText(reversed))).toContain('twilio changed');
});
