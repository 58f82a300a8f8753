// biome-ignore-all lint/suspicious/noTemplateCurlyInString: catalogue templates are what is tested here
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { refuseValue } from '../src/field.ts';
import { monogram } from '../src/logo.ts';
import { publicProvider } from '../src/provider.ts';
import { CatalogueError } from '../src/source.ts';

const builtIn = loadCatalogue();

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'catalogue-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function refusal(files: Record<string, string>): string {
  try {
    loadCatalogue({ extra: folder(files) });
  } catch (error) {
    if (error instanceof CatalogueError) return error.message;
  }
  throw new Error('the catalogue accepted a file it must refuse');
}

const minimal = 'display_name: X\ncategories: [other]\ndocs: https://x.test/docs\n';

test('the built-in catalogue holds the first providers, sorted by name', () => {
  const names = builtIn.list().map((provider) => provider.name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(
    expect.arrayContaining([
      'github',
      'github-pat',
      'google',
      'google-mail',
      'slack',
      'linear',
      'stripe',
      'stripe-api-key',
      'hubspot',
      'notion',
      'airtable-pat',
      'jira',
      'zendesk',
      'salesforce',
      'oauth2-generic',
      'private-api-generic',
      'private-api-basic',
      'unauthenticated',
    ]),
  );
});

test('a provider that extends another inherits deeply, replaces lists and keeps its own name', () => {
  const drive = builtIn.get('google-drive');
  expect(drive).toMatchObject({
    name: 'google-drive',
    auth_mode: 'OAUTH2',
    token_url: 'https://oauth2.googleapis.com/token',
    categories: ['storage', 'knowledge-base'],
    proxy: {
      base_url: 'https://www.googleapis.com',
      paginate: { type: 'cursor', cursor_name_in_request: 'pageToken', response_path: 'files' },
    },
  });
  expect(drive).not.toHaveProperty('extends');
});

test('an operator may replace a built-in provider and extend it under its own name; null takes a key away', () => {
  const extra = folder({
    'github.yaml': 'extends: github\ntoken_url: http://localhost:4001/token\nproxy: {base_url: "http://localhost:4001", paginate: null}',
  });
  const github = loadCatalogue({ extra }).get('github');
  expect(github).toMatchObject({ token_url: 'http://localhost:4001/token', authorization_url: 'https://github.com/login/oauth/authorize' });
  expect(github?.proxy).not.toHaveProperty('paginate');
  expect(github?.proxy?.headers).toEqual({ accept: 'application/vnd.github+json' });
});

test('further providers may also be one file', () => {
  const file = join(folder({ 'acme.yaml': `${minimal}auth_mode: NONE` }), 'acme.yaml');
  expect(loadCatalogue({ extra: file }).get('acme')?.display_name).toBe('X');
});

test.each([
  ['an unknown key', `${minimal}auth_mode: NONE\nproxi: {}`, /acme\.yaml: unknown key proxi; allowed here: auth_mode, display_name/],
  [
    'an unknown key deep down',
    `${minimal}auth_mode: NONE\nproxy: {base_url: "https://x.test", retry: {aft: [a]}}`,
    /proxy\.retry: unknown key aft; allowed here: at, after/,
  ],
  ['a key of another auth mode', `${minimal}auth_mode: NONE\ntoken_url: https://x.test`, /unknown key token_url/],
  ['an unknown auth mode', `${minimal}auth_mode: OAUTH9`, /auth_mode must be one of OAUTH2, .*, NONE/],
  ['no auth mode', minimal, /auth_mode must be one of/],
  [
    'an API key provider without its field',
    `${minimal}auth_mode: API_KEY\nproxy: {base_url: "https://x.test"}`,
    /credentials\.apiKey: is required/,
  ],
  ['a missing token URL', `${minimal}auth_mode: OAUTH2\nauthorization_url: https://x.test`, /token_url: /],
  [
    'a placeholder nobody declares',
    `${minimal}auth_mode: NONE\nproxy: {base_url: "https://\${connectionConfig.host}"}`,
    /proxy\.base_url: \$\{connectionConfig\.host\} is not declared/,
  ],
  [
    'a bad pattern',
    `${minimal}auth_mode: NONE\nconnection_config: {a: {type: string, title: A, description: B, pattern: "("}}`,
    /connection_config\.a\.pattern: is not a valid regular expression/,
  ],
  ['a parent that does not exist', 'extends: githubb', /extends: githubb is not a provider; there are .*github/],
  ['itself as a parent', 'extends: acme', /extends: acme is not a provider/],
  ['broken YAML', 'a: [', /acme\.yaml: /],
  ['a key twice', `${minimal}auth_mode: NONE\nauth_mode: NONE`, /Map keys must be unique/],
  ['a list', '- a', /must be a map/],
])('%s is refused with file, path and what is allowed', (_, text, message) => {
  expect(refusal({ 'acme.yaml': text })).toMatch(message);
});

test('a circle of parents, a bad file name and a missing folder are refused', () => {
  expect(refusal({ 'a.yaml': 'extends: b', 'b.yaml': 'extends: a' })).toMatch(/leads back/);
  expect(refusal({ 'Acme Corp.yaml': minimal })).toMatch(/a-z, 0-9 and dashes/);
  expect(() => loadCatalogue({ extra: '/nonexistent/providers' })).toThrow(/\/nonexistent\/providers: ENOENT/);
  const nested = folder({});
  mkdirSync(join(nested, 'x.yaml'));
  expect(() => loadCatalogue({ extra: nested })).toThrow(CatalogueError);
});

test('the public form adds name, logo and the order of every field, connection fields before credentials', () => {
  const zendesk = builtIn.get('zendesk');
  const pat = builtIn.get('github-pat');
  if (!zendesk || !pat) throw new Error('missing provider');
  expect(publicProvider(zendesk, 'http://l/zendesk.svg')).toMatchObject({
    name: 'zendesk',
    logo_url: 'http://l/zendesk.svg',
    credentials: {},
    connection_config: { subdomain: { type: 'string', order: 0, automated: false, suffix: '.zendesk.com' } },
  });
  expect(publicProvider(pat, 'x').credentials.apiKey).toMatchObject({ order: 100, secret: true });
});

test.each([
  [{ pattern: '^[a-z]+$', example: 'acme' }, 'Acme', 'Name has another form than the provider uses, such as acme'],
  [{ pattern: '^[a-z]+$' }, 'acme', undefined],
  [{ pattern: 'a|b' }, 'ab', 'Name has another form than the provider uses'],
  [{ pattern: '[a-z]+' }, 'acme\n', 'Name has another form than the provider uses'],
  [{}, '', 'Name is required'],
  [{ optional: true, pattern: '^x$' }, '', undefined],
  [{ enum: ['eu', 'us'] }, 'asia', 'Name must be one of eu, us'],
  [{ format: 'uri' as const }, 'ftp://x', 'Name must be a valid uri'],
  [{ format: 'uri' as const }, 'https://x', undefined],
  [{ format: 'hostname' as const }, 'a.b/c', 'Name must be a valid hostname'],
  [{ format: 'email' as const }, 'a@b.test', undefined],
  [{ format: 'uuid' as const }, 'nope', 'Name must be a valid uuid'],
])('a field %j answers %j with %j', (rules, value, answer) => {
  expect(refuseValue({ type: 'string', title: 'Name', description: '', automated: false, ...rules }, value)).toBe(answer);
});

test('every provider has a mark of letters and digits only, the same each time', () => {
  for (const provider of builtIn.list()) {
    expect(monogram(provider)).toMatch(/>[\p{Lu}\p{N}]{1,2}<\/text><\/svg>$/u);
    expect(monogram(provider)).toBe(monogram(provider));
  }
});
