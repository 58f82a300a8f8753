// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of definitions are what is tested here
/** Definitions from outside the catalogue: every provider of it may be begun from, and patterns are weighed before they run. */
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { readDefinition, settleDefinition } from '../src/own-definition.ts';
import { patternWeight } from '../src/pattern-weight.ts';
import type { ProviderDefinition } from '../src/provider.ts';

function settle(text: string, parent?: ProviderDefinition) {
  const read = readDefinition(text);
  return 'findings' in read ? read : settleDefinition(read, { parent, http: false });
}
const catalogue = loadCatalogue();

test('each provider of the catalogue may be begun from, and comes out as it is', () => {
  for (const { name, ...definition } of catalogue.list()) {
    expect([name, settle(`extends: ${name}\n`, definition)]).toEqual([name, { definition }]);
  }
});

const keyed = (pattern: string, more = '') => `display_name: Acme
categories: [other]
docs: https://docs.example.test
auth_mode: API_KEY
credentials:
  apiKey: { type: string, title: Key, description: A key., pattern: '${pattern}' }
proxy:
  base_url: https://api.acme.test
${more}`;

describe('a pattern', () => {
  test.each([
    ['with a repetition in a repetition', '^(?:a+)+$'],
    ['that looks behind', '^(?<=a)b$'],
    ['that refers back', '^(a)\\1$'],
    ['that is not anchored', 'abc'],
    ['whose counts come to 20,000 steps', `^${'a{0,1000}'.repeat(20)}$`],
    ['whose counts multiply', '^(?:(?:a{0,100}){0,100})$'],
  ])('%s is refused where it is written', (_what, pattern) => {
    expect(settle(keyed(pattern))).toEqual({
      findings: [expect.objectContaining({ path: ['credentials', 'apiKey', 'pattern'], line: 6, column: 60 })],
    });
  });

  test('of an error text runs in linear time too', () => {
    const retry = (value: string) => keyed('^k$', `  retry:\n    in_body: { path: e, strategy: after, value: '${value}' }\n`);
    expect(settle(retry('wait ([0-9]+) s'))).toHaveProperty('definition');
    expect(settle(retry('((?:a+)+)b'))).toMatchObject({ findings: [{ path: ['proxy', 'retry', 'in_body', 'value'], line: 10 }] });
  });

  test.each([
    ['^abc$', 5],
    ['^a{8}$', 10],
    ['^a{8,}b?$', 12],
    ['^(?:ab{3}){0,10}[x{2}]{4}\\{5\\}$', 49],
    ['^\\p{L}{7}(?<name>a|b)$', 12],
  ])('%s weighs %i', (pattern, weight) => {
    expect(patternWeight(pattern)).toBe(weight);
  });
});

describe('an address', () => {
  const of = (url: string) => settle(keyed('^k$').replace('https://api.acme.test', url));
  test('is https, unless the operator lets requests into a private network', () => {
    expect(of('http://10.0.0.1')).toMatchObject({ findings: [{ path: ['proxy', 'base_url'], line: 8 }] });
    const read = readDefinition(keyed('^k$').replace('https://api.acme.test', 'http://10.0.0.1'));
    if ('findings' in read) throw new Error('it cannot be read');
    expect(settleDefinition(read, { parent: undefined, http: true })).toHaveProperty('definition');
    for (const scheme of ['file:///etc/passwd', 'javascript:alert(1)', 'ftp://a.test', 'gopher://a.test'])
      expect(
        settleDefinition({ ...read, content: { ...read.content, proxy: { base_url: scheme } } }, { parent: undefined, http: true }),
      ).toHaveProperty('findings');
  });

  test('whose host somebody enters is bounded by a pattern', () => {
    const field = (pattern: string) => `connection_config:\n  host: { type: string, title: Host, description: A host.${pattern} }\n`;
    const by = (pattern: string) =>
      settle(field(pattern) + keyed('^k$').replace('https://api.acme.test', 'https://${connectionConfig.host}'));
    expect(by('')).toMatchObject({ findings: [{ path: ['connection_config', 'host', 'pattern'], line: 2 }] });
    expect(by(", pattern: '^[a-z]+\\.acme\\.test$'")).toHaveProperty('definition');
  });
});
