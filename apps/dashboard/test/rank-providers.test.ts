import type { ListedProvider } from '@bowline/api/dashboard-providers';
import { expect, test } from 'vitest';
import { indexProviders, rankProviders } from '../src/pages/integration/rank-providers.ts';

const provider = (name: string, display_name: string, more: Partial<ListedProvider> = {}): ListedProvider => ({
  name,
  display_name,
  categories: ['other'],
  auth_mode: 'OAUTH2',
  logo_url: '',
  family: name,
  ...more,
});
const index = indexProviders([
  provider('zoho-mail', 'Zoho Mail'),
  provider('salesforce', 'Salesforce', { categories: ['crm'] }),
  provider('salesforce-sandbox', 'Salesforce (sandbox)', { categories: ['crm'], sandbox: true }),
  provider('github', 'GitHub', { categories: ['dev-tools'] }),
  provider('github-app', 'GitHub App', { categories: ['dev-tools'] }),
  provider('mailchimp', 'Mailchimp', { categories: ['marketing'] }),
  provider('google-mail', 'Gmail', { categories: ['communication'] }),
  provider('big-commerce', 'BigCommerce', { categories: ['e-commerce'] }),
  provider('cafe', 'Café Mail'),
  provider('thermail', 'Thermail'),
  provider('post', 'Post', { categories: ['mail'] }),
  provider('our-erp', 'Zeta ERP', { custom: true }),
]);
const found = (text: string) => rankProviders(index, text).map(({ name }) => name);

test('a name that begins so comes before a word that does, then parts of words, then categories', () => {
  expect(found('mail')).toEqual(['mailchimp', 'google-mail', 'cafe', 'zoho-mail', 'thermail', 'post']);
});

test('without a text all are there: own ones first, then by name', () => {
  expect(found('')).toHaveLength(12);
  expect(found(' ').slice(0, 2)).toEqual(['our-erp', 'big-commerce']);
});

test.each([
  ['GITHUB', ['github', 'github-app']],
  ['github app', ['github-app']],
  ['app github', ['github-app']],
  ['cafe', ['cafe']],
  ['Café', ['cafe']],
  ['big commerce', ['big-commerce']],
  ['git hub', ['github', 'github-app']],
  ['dev', ['github', 'github-app']],
  ['(.*)[', ['our-erp']],
  ['qqqqq', []],
])('%s finds what is meant', (text, names) => {
  expect(found(text).slice(0, Math.max(names.length, 1))).toEqual(names);
});

test.each([
  ['githb', 'github'],
  ['guthub', 'github'],
  ['salesfroce', 'salesforce'],
  ['mailchmp', 'mailchimp'],
])('%s, misspelt, finds %s', (text, name) => {
  expect(found(text)[0]).toBe(name);
});

test('misspelling counts only where nothing is spelt so, so that what is right is never buried', () => {
  expect(found('mailc')).toEqual(['mailchimp']);
});

test('a test environment comes after the real one', () => {
  expect(found('sales')).toEqual(['salesforce', 'salesforce-sandbox']);
  expect(found('salesfroce')).toEqual(['salesforce', 'salesforce-sandbox']);
});
