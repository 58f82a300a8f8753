import { loadCatalogue } from '@bowline/providers/catalogue';
import { expect, test } from 'vitest';
import { limitsOf } from '../src/proxy/limits.ts';

const catalogue = loadCatalogue();
const partsOf = (provider: string, path: string) =>
  limitsOf(catalogue.get(provider)?.proxy?.rate_limits ?? [], path).map(({ of, part }) => `${of} ${part}`.trim());

test.each([
  ['github', '/repos/acme/site', ['connection core']],
  ['github', '/search/code?q=x', ['connection code_search']],
  ['github', '/search/issues?q=x', ['connection search']],
  ['github', '/searching', ['connection core']],
  ['hubspot', '/crm/v3/objects/contacts/search', ['connection search']],
  ['hubspot', '/crm/v3/objects/contacts/search/', ['connection search']],
  ['hubspot', '/crm/v3/objects/contacts', ['connection']],
  ['airtable', '/v0/appOne/Table?view=x', ['connection appOne']],
  ['airtable', '/v0/meta/bases/appOne/tables', ['connection appOne']],
  ['slack', '/conversations.list', ['connection conversations.list']],
  ['xero', '/api.xro/2.0/Invoices', ['connection minute', 'connection day', 'integration app-minute']],
])('%s%s counts against its own limits', (provider, path, parts) => {
  expect(partsOf(provider, path)).toEqual(parts);
});

test('what a path names is cut, and a part that is empty is no name', () => {
  const limits = [{ of: 'connection' as const, paths: ['/a/{name}'], docs: 'https://example.test' }];
  expect(limitsOf(limits, `/a/${'x'.repeat(500)}`)[0]?.part).toHaveLength(100);
  expect(limitsOf(limits, '/a/')).toEqual([]);
  expect(limitsOf(limits, '/a')).toEqual([]);
});

test('a documented limit is a pace, with a second of it at once unless more is said', () => {
  const docs = 'https://example.test';
  const of = 'connection' as const;
  expect(limitsOf([{ of, limit: 500, seconds: 60, docs }], '/x')[0]?.documented).toEqual({ perSecond: 500 / 60, burst: 9 });
  expect(limitsOf([{ of, limit: 10, burst: 20, docs }], '/x')[0]?.documented).toEqual({ perSecond: 10, burst: 20 });
});

test('headers that do not say how long a window is may be told it', () => {
  const [limit] = limitsOf(catalogue.get('trello')?.proxy?.rate_limits ?? [], '/1/boards');
  expect(limit?.headers).toMatchObject({ remaining: 'x-rate-limit-api-token-remaining', lengthMs: 10_000 });
});
