// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates are what is tested here
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtInFolder, loadCatalogue } from '../src/catalogue.ts';
import { runCatalogue } from '../src/command.ts';
import { collisions, inspect } from '../src/gates/inspect.ts';
import { refuseDefinition } from '../src/gates/refuse.ts';
import { matches } from '../src/patterns.ts';
import { type Provider, providerDefinition } from '../src/provider.ts';

const builtIn = loadCatalogue().list();

test.each(builtIn.map((provider) => [provider.name, provider] as const))('%s passes every gate', (_, provider) => {
  expect(inspect(provider)).toEqual([]);
});

test('no two providers have the same name for people', () => {
  expect(collisions(builtIn)).toEqual([]);
});

const field = (rules: string) => `{ type: string, title: A, description: B, ${rules} }`;

/** A sound entry with everything that gates look at; each case spoils it. */
function entry(changes: Record<string, unknown> = {}): Provider {
  const sound: unknown = parse(`
display_name: Acme
categories: [crm]
auth_mode: OAUTH2
authorization_url: https://acme.example.com/authorize
token_url: https://\${connectionConfig.subdomain}.acme.example.com/token
default_scopes: [read]
available_scopes: [read, write]
connection_config:
  subdomain: ${field('example: north, pattern: "^[a-z]+$"')}
proxy:
  base_url: https://api.acme.example.com
  verification: { endpoints: [/me] }
docs: https://acme.example.com/docs
provenance: { checked: 2026-01-01, agree: [vendor], source: https://acme.example.com/docs }
`);
  const parsed = providerDefinition.parse({ ...Object(sound), ...changes });
  return { ...parsed, name: 'acme' };
}

const config = (fields: Record<string, string>) => ({
  connection_config: Object.fromEntries(Object.entries(fields).map(([name, rules]): [string, unknown] => [name, parse(field(rules))])),
});
const subdomain = 'example: north, pattern: "^[a-z]+$"';
const base = (url: string, fields: Record<string, string> = {}) => ({
  ...config({ subdomain, ...fields }),
  proxy: { base_url: url },
});

test('a sound entry passes', () => {
  expect(inspect(entry())).toEqual([]);
  expect(refuseDefinition(entry())).toEqual([]);
});

describe('what protects the server is refused from anybody', () => {
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    [
      'a template that reads what nobody declares',
      base('https://api.test.invalid/${connectionConfig.x}'),
      'proxy.base_url',
      /not declared/,
    ],
    [
      'a pattern that is not anchored',
      config({ subdomain: 'example: a, pattern: "[a-z]+"' }),
      'connection_config.subdomain.pattern',
      /write \^\[a-z\]\+\$/,
    ],
    [
      'a pattern anchored in part',
      config({ subdomain: 'example: a, pattern: "^a|b$"' }),
      'connection_config.subdomain.pattern',
      /write \^/,
    ],
    [
      'a pattern that ends in an escaped $',
      config({ subdomain: String.raw`example: a, pattern: '^a\$'` }),
      'connection_config.subdomain.pattern',
      /write/,
    ],
    [
      'a pattern of exponential time',
      config({ subdomain: 'example: a, pattern: "^(a+)+$"' }),
      'connection_config.subdomain.pattern',
      /exponential time/,
    ],
    [
      'a pattern of polynomial time',
      config({ subdomain: 'example: aa, pattern: "^a+a+$"' }),
      'connection_config.subdomain.pattern',
      /polynomial time/,
    ],
    [
      'a slow search in an error',
      { proxy: { base_url: 'https://a.b.c', retry: { in_body: { path: 'e', strategy: 'after', value: '(a*)*b' } } } },
      'proxy.retry.in_body.value',
      /time/,
    ],
    ['plain http', { token_url: 'http://acme.example.com/token' }, 'token_url', /write https/],
    ['another scheme', { token_url: 'ftp://acme.example.com/token' }, 'token_url', /valid http/],
    ['an address that is none', { authorization_url: 'https://acme example.com/' }, 'authorization_url', /valid http/],
    [
      'a host of which nothing is said',
      base('https://${connectionConfig.host}/v1', { host: 'example: a.b.c, format: hostname' }),
      'connection_config.host.pattern',
      /is missing/,
    ],
    [
      'a host with a port',
      base('https://${connectionConfig.host}:8443', { host: 'example: a.b.c' }),
      'connection_config.host.pattern',
      /is missing/,
    ],
    [
      'the registrable end of a host',
      base('https://api.${connectionConfig.domain}/v1', { domain: 'example: acme.com' }),
      'connection_config.domain.pattern',
      /is missing/,
    ],
    [
      'the top-level domain of a host',
      base('https://api.acme.${connectionConfig.end}', { end: 'example: com' }),
      'connection_config.end.pattern',
      /is missing/,
    ],
    [
      'a whole address',
      base('${connectionConfig.url}/v1', { url: 'example: "https://a.b.c", format: uri' }),
      'connection_config.url.pattern',
      /is missing/,
    ],
    [
      'a host in an alternative',
      base('https://a.b.c || https://${connectionConfig.host}', { host: 'example: a.b.c' }),
      'connection_config.host.pattern',
      /is missing/,
    ],
    [
      'a host inside a function',
      base('https://${before(${connectionConfig.pair}, :)}', { pair: 'example: "a.b.c:d"' }),
      'connection_config.pair.pattern',
      /is missing/,
    ],
    [
      'a pattern for hosts that takes a user name',
      base('https://${connectionConfig.host}', { host: 'example: a.b.c, pattern: "^.+$"' }),
      'connection_config.host.pattern',
      /takes "a@sample/,
    ],
    [
      'a pattern for addresses that takes any scheme',
      base('${connectionConfig.url}', { url: String.raw`example: "https://a.b", pattern: '^\S+$'` }),
      'connection_config.url.pattern',
      /takes/,
    ],
    [
      'a host that the browser brings back',
      { ...base('${connectionConfig.server}', { server: 'automated: true, format: uri' }), redirect_uri_metadata: ['server'] },
      'connection_config.server.pattern',
      /is missing/,
    ],
  ])('%s', (_, changes, path, message) => {
    expect(refuseDefinition(entry(changes))).toContainEqual({ path, message: expect.stringMatching(message) });
  });

  test('a pattern that RE2 does not take', () => {
    const parsed = providerDefinition.safeParse({
      ...entry(),
      name: undefined,
      ...config({ subdomain: 'example: a, pattern: "^(?=a)a$"' }),
    });
    expect(parsed.error?.issues.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/not a valid regular expression: invalid/),
    );
  });
});

describe('what a catalogue owes its readers is refused in ours', () => {
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    [
      'a field without a title',
      { connection_config: { subdomain: { type: 'string', title: ' ', description: 'B', example: 'a' } } },
      'connection_config.subdomain.title',
      /is empty/,
    ],
    [
      'a field without a description',
      { connection_config: { subdomain: { type: 'string', title: 'A', description: '', example: 'a' } } },
      'connection_config.subdomain.description',
      /is empty/,
    ],
    [
      'a required text without an example',
      config({ subdomain: 'pattern: "^[a-z]+$"' }),
      'connection_config.subdomain.example',
      /is missing/,
    ],
    [
      'a secret of which no value is known',
      config({ subdomain, key: 'secret: true, pattern: "^sk_[α-ω]{7}$"' }),
      'connection_config.key.example',
      /nothing tries/,
    ],
    [
      'an example that its pattern refuses',
      config({ subdomain: 'example: North, pattern: "^[a-z]+$"' }),
      'connection_config.subdomain.example',
      /another form/,
    ],
    [
      'a default value that its format refuses',
      config({ subdomain, mail: 'default_value: nobody, format: email' }),
      'connection_config.mail.default_value',
      /valid email/,
    ],
    [
      'a choice that its pattern refuses',
      config({ subdomain, region: 'enum: [eu, US], pattern: "^[a-z]+$"' }),
      'connection_config.region.enum.1',
      /another form/,
    ],
    ['a page that is not https', { docs: 'http://acme.example.com/docs' }, 'docs', /write the https/],
    ['a guide that is not https', { setup_guide_url: 'http://acme.example.com/docs' }, 'setup_guide_url', /write the https/],
    ['a test host', base('https://sandbox-api.acme.example.com'), 'proxy.base_url', /has sandbox in its host/],
    ['a test host as a label', { token_url: 'https://api.uat2.acme.example.com' }, 'token_url', /has uat2 in its host/],
    ['a scope that is not among those', { default_scopes: ['read', 'delete'] }, 'default_scopes', /delete is not in available_scopes/],
    [
      'a verification that changes something',
      { proxy: { base_url: 'https://a.b.c', verification: { method: 'POST', endpoints: ['/x'] } }, ...config({ subdomain }) },
      'proxy.verification.method',
      /say in a sentence of notes/,
    ],
    ['no provenance', { provenance: undefined }, 'provenance', /is missing/],
  ])('%s', (_, changes, path, message) => {
    expect(inspect(entry(changes))).toContainEqual({ path, message: expect.stringMatching(message) });
  });

  test.each<[string, Record<string, unknown>]>([
    ['a sandbox that says so', { ...base('https://sandbox.acme.example.com'), sandbox: true }],
    [
      'a production host with such a name, explained',
      {
        ...base('https://dev.acme.example.com'),
        provenance: { checked: '2026-01-01', agree: [], note: 'Its production host is called so.' },
      },
    ],
    ['a top-level domain that is called so', base('https://api.acme.dev')],
    [
      'a verification by POST that says why',
      { proxy: { base_url: 'https://a.b.c', verification: { method: 'POST', endpoints: ['/x'] } }, notes: ['Its search is a POST.'] },
    ],
    [
      'a host that the provider tells',
      { ...base('${connectionConfig.api}', { api: 'automated: true' }), token_response_metadata: ['api'] },
    ],
    ['a host of a list', base('https://${connectionConfig.host}', { host: 'enum: [a.example.com, b.example.com]' })],
  ])('%s is not', (_, changes) => {
    expect(inspect(entry(changes))).toEqual([]);
  });

  test('a name that another one has, however it is written', () => {
    expect(collisions([entry(), { ...entry({ display_name: 'ACME ' }), name: 'acme-two' }])).toEqual([
      { name: 'acme-two', path: 'display_name', message: expect.stringMatching(/is the name of acme too/) },
    ]);
  });

  test('a category that is none of the list', () => {
    expect(providerDefinition.safeParse({ ...entry(), name: undefined, categories: ['crms'] }).error?.issues[0]?.path).toEqual([
      'categories',
      0,
    ]);
  });
});

test('plain http is allowed where the operator allows it', () => {
  expect(refuseDefinition(entry({ token_url: 'http://localhost:4000/token' }), { http: true })).toEqual([]);
});

test('a pattern takes linear time for a text made to take exponential time', () => {
  expect(matches('^(a|aa)+$', `${'a'.repeat(20_000)}b`)).toBe(false);
  expect(matches('^(a|aa)+$', 'a'.repeat(20_000))).toBe(true);
});

describe('the command', () => {
  const run = (files: Record<string, string>, ...names: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'gates-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const lines: string[] = [];
    const status = runCatalogue(['check', ...names], { print: (line) => lines.push(line), cwd: folder, folder });
    return { status, lines };
  };
  const sound = `display_name: A\ncategories: [other]\nauth_mode: NONE\ndocs: https://x.example.com/docs\nprovenance: {checked: 2026-01-01, agree: []}\n`;

  test('names file, key path and what to do, and reads only what it is asked about', () => {
    const files = { 'a.yaml': sound, 'b.yaml': sound.replace('https', 'http'), 'broken.yaml': 'a: [' };
    expect(run(files, 'a', 'b.yaml')).toEqual({
      status: 1,
      lines: [
        'b.yaml: docs: is not https; write the https address of the page',
        'b.yaml: display_name: A is the name of a too; say what makes it another',
        '2 to mend in 2 entries',
      ],
    });
    expect(run(files, 'a')).toEqual({ status: 0, lines: ['1 entries, nothing to mend'] });
    expect(run(files).lines.join('\n')).toMatch(/broken\.yaml: .*\n/);
    expect(run(files, 'c').lines[0]).toMatch(/^c: is not a provider; there are a, b, broken/);
  });

  test('knows all of the built-in files and says how it is used', () => {
    const lines: string[] = [];
    expect(runCatalogue([], { print: (line) => lines.push(line), cwd: builtInFolder })).toBe(2);
    expect(lines[0]).toMatch(/check \[names/);
    expect(runCatalogue(['check'], { print: (line) => lines.push(line), cwd: builtInFolder })).toBe(0);
  });
});
