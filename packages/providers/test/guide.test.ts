// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the catalogue must not reach a reader
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../src/catalogue.ts';
import { familyOf, isSandbox } from '../src/family.ts';
import { guideMarkdown } from '../src/guide/markdown.ts';
import type { GuidePlace } from '../src/guide/place.ts';
import { quirkWords } from '../src/guide/quirks.ts';
import { type Block, type Guide, guide } from '../src/guide.ts';
import { type Provider, providerDefinition } from '../src/provider.ts';

const catalogue = loadCatalogue();
const place: GuidePlace = {
  serverUrl: 'https://bowline.test',
  callbackUrl: 'https://bowline.test/oauth/callback',
  webhookUrl: null,
  templates: [],
  providers: catalogue.list(),
};

const base = { display_name: 'Acme (OAuth)', categories: ['crm'], docs: 'https://acme.test/docs' };
const acme = (definition: Record<string, unknown>): Provider => ({ ...providerDefinition.parse({ ...base, ...definition }), name: 'acme' });
const oauth = { auth_mode: 'OAUTH2', authorization_url: 'https://acme.test/authorize', token_url: 'https://acme.test/token' };
const section = ({ sections }: Guide, id: string): readonly Block[] => sections.find((each) => each.id === id)?.blocks ?? [];
const markdown = (provider: Provider, over: Partial<GuidePlace> = {}) => guideMarkdown(guide(provider, { ...place, ...over }));
const values = (blocks: readonly Block[]) => blocks.flatMap((block) => (block.kind === 'value' ? [block.value] : []));

describe('every provider of the catalogue', () => {
  test.each(catalogue.list().map((provider) => [provider.name, provider] as const))('%s has a guide without gaps', (_, provider) => {
    const made = guide(provider, place);
    const text = JSON.stringify(made);
    expect(text).not.toMatch(/undefined|\[object|\$\{(?!apiKey\})/);
    expect(made.sections.map(({ id }) => id)).toEqual(expect.arrayContaining(['setup', 'connect', 'requests', 'tokens', 'sources']));
    for (const { title, blocks } of made.sections) {
      expect(blocks.length, title).toBeGreaterThan(0);
      for (const block of blocks) if ('line' in block) expect(block.line.length, title).toBeGreaterThan(0);
    }
    // Where people come back to this server, its exact address is there to be copied.
    const back = { APP: ['https://bowline.test/app-auth/connect'], OAUTH2: [place.callbackUrl], OAUTH1: [place.callbackUrl] };
    const wanted =
      'installation' in provider && provider.installation === 'outbound'
        ? []
        : (Object.entries(back).find(([mode]) => mode === provider.auth_mode)?.[1] ?? []);
    expect(values(section(made, 'setup'))).toEqual(expect.arrayContaining(wanted));
    expect(guideMarkdown(made)).not.toContain('…undefined');
  });
});

test('the webhook URL is shown where there is one, exactly', () => {
  const provider = acme(oauth);
  expect(JSON.stringify(guide(provider, place))).not.toContain('/webhook/');
  const address = 'https://bowline.test/webhook/8a6f/acme%20crm';
  expect(values(section(guide(provider, { ...place, webhookUrl: address }), 'webhooks'))).toEqual([address]);
});

test('a public client is told that it has no secret, and that PKCE protects it', () => {
  const text = markdown(acme({ ...oauth, token_request_auth_method: 'none' }));
  expect(text).toContain('public client, one without a secret');
  expect(text).toContain('PKCE (S256)');
  expect(text).not.toContain('client secret in the integration');
  expect(markdown(acme({ ...oauth, disable_pkce: true }))).not.toContain('PKCE');
});

test('long lists of scopes are folded, short ones are not; defaults and the separator are named', () => {
  const scopes = Array.from({ length: 30 }, (_, index) => `scope:${index}`);
  const long = section(
    guide(acme({ ...oauth, available_scopes: scopes, default_scopes: ['scope:1'], scope_separator: '+' }), place),
    'scopes',
  );
  expect(long.find((block) => block.kind === 'list')).toMatchObject({ summary: '30 scopes are known' });
  const text = markdown(acme({ ...oauth, available_scopes: ['a', 'b'], default_scopes: ['a'], scope_separator: '+' }));
  expect(text).toContain('Unless you choose others, `a` is asked for.');
  expect(text).toContain('separated by plus signs');
  expect(text).not.toContain('<details>');
});

test('fields are described with what they look like, whether they are secret, and where they are found', () => {
  const docs_connect = 'https://acme.test/help';
  const field = (more: object) => ({ type: 'string', title: 'Subdomain', description: 'In the address.', ...more });
  const provider = acme({
    auth_mode: 'API_KEY',
    docs_connect,
    connection_config: {
      subdomain: field({ prefix: 'https://', suffix: '.acme.test', example: 'mine', doc_section: '#where' }),
      told: field({ title: 'Told', automated: true }),
      never: field({ title: 'Never shown', hidden: true }),
    },
    credentials: { apiKey: field({ title: 'Key', description: 'Of your account.', secret: true }) },
    proxy: { base_url: 'https://${connectionConfig.subdomain}.acme.test', headers: { 'x-key': '${apiKey}' }, query: { v: '2' } },
  });
  const fields = section(guide(provider, place), 'connect').flatMap((block) => (block.kind === 'fields' ? block.fields : []));
  expect(fields.map(({ name, secret, optional }) => ({ name, secret, optional }))).toEqual([
    { name: 'subdomain', secret: false, optional: false },
    { name: 'apiKey', secret: true, optional: false },
  ]);
  expect(fields[0]).toMatchObject({ example: 'mine', form: 'stands in https://mine.acme.test' });
  expect(fields[0]?.about).toContainEqual({ text: 'Where to find it', href: `${docs_connect}#where` });
  const text = markdown(provider);
  expect(text).toContain('`https://<Subdomain>.acme.test`');
  expect(text).toContain('`x-key: <Key>`');
  expect(text).toContain('`?v=2`');
  expect(text).toContain('`told` – In the address.');
  expect(text).not.toContain('Never shown');
});

test('paging and limits are told in words, and it is said when nothing is recorded', () => {
  const paged = (paginate: object) => markdown(acme({ ...oauth, proxy: { base_url: 'https://api.acme.test', paginate } }));
  expect(paged({ type: 'cursor', cursor_path_in_response: 'meta.next', cursor_name_in_request: 'after' })).toContain(
    'holds it at `meta.next`, and the next request sends it as `after`',
  );
  expect(paged({ type: 'link', link_rel_in_response_header: 'next' })).toContain('`rel="next"`');
  expect(paged({ type: 'offset', offset_name_in_request: 'page', offset_start_value: 1, offset_calculation_method: 'per-page' })).toContain(
    'goes up by one with each page, from 1 on',
  );
  expect(markdown(acme({ ...oauth, proxy: { base_url: 'https://api.acme.test' } }))).toContain('How lists are paged is not recorded');
});

describe('webhooks', () => {
  const told = (webhook: object | undefined) => markdown(acme({ ...oauth, ...(webhook ? { webhook } : {}) }));

  test('how they are verified is told: method, place, what is signed, key and age', () => {
    const text = told({
      algorithm: 'hmac-sha256',
      signature: 'header.x-acme-signature',
      encoding: 'hex',
      signed: '{timestamp}.{body}',
      format: 'v1={sig}',
      key: 'webhook_secret',
      key_hint: 'under webhooks',
      timestamp: 'header.x-acme-time',
      timestamp_unit: 'seconds',
      tolerance_seconds: 300,
      handshake: { when: 'body.type=ping', text: '{body.challenge}' },
    });
    for (const words of [
      'HMAC with SHA-256',
      '`header x-acme-signature`, in hex, written as `v1={sig}`',
      '`{timestamp}.{body}`',
      'the secret of the webhook. under webhooks',
      'seconds since 1970',
      '5 minutes',
      'asks, with `body type=ping`. The webhook URL answers that.',
    ]) {
      expect(text).toContain(words);
    }
  });

  test('how each finds its connection is told, and what is to be done where it cannot', () => {
    const webhookUrl = 'https://bowline.test/webhook/8a6f/acme';
    const told = (routing?: object) =>
      markdown(acme({ ...oauth, webhook: { algorithm: 'none', ...(routing ? { routing } : {}) } }), { webhookUrl });
    const account = { from: 'body.app_id', is: 'account' };
    const page = { from: 'item.id', is: 'metadata.pageId' };
    expect(told({ connections: [account] })).toContain('Each finds its connection by itself. Or let');
    expect(told({ connections: [page] })).toContain(
      'put what Acme sends at `element id` into the metadata of the connection, as `pageId`. Or let',
    );
    expect(told({ connections: [account, page] })).toContain('by itself. Where that was made by hand: put what Acme sends');
    expect(told()).toContain('let the address end in `?nangoConnectionId=`');
    expect(told({ everyone: true })).toContain('each is for all connections of the integration');
  });

  test('a vendor that does not sign is called so, and what is not known is not made up', () => {
    expect(told({ algorithm: 'none' })).toContain('Acme does not sign its webhooks.');
    expect(told(undefined)).toContain('How Acme signs its webhooks, or whether it sends any, is not recorded here.');
  });
});

test('how far it can be trusted is said', () => {
  const text = (provenance: object) => markdown(acme({ ...oauth, provenance: { checked: '2026-11-20', ...provenance } }));
  expect(text({ agree: [] })).toContain('nothing independent confirms');
  expect(text({ agree: ['grant'] })).toContain('rest on one source, Grant.');
  expect(text({ agree: ['vendor', 'grant', 'arctic'], note: 'The scopes are old.' })).toMatch(
    /vendor's documentation, Grant and Arctic agree[\s\S]*> The scopes are old\./,
  );
});

test('what the catalogue says cannot become markup of a document', () => {
  const text = markdown(acme({ ...oauth, display_name: 'A*c*me <script>', notes: ['Use `a|b` [here](javascript:x) | and\nthere.'] }));
  expect(text).toContain('A\\*c\\*me \\<script\\>');
  expect(text).toContain('Use `a|b` \\[here\\](javascript:x) | and there.');
});

test('relatives of one vendor are found by their names, and test environments are marked', () => {
  const names = [
    'stripe',
    'stripe-api-key',
    'stripe-app-sandbox',
    'stripe-express',
    'google-mail',
    'oauth2-generic',
    'oauth2-cc-generic',
    'github-app-oauth',
  ];
  expect(names.map(familyOf)).toEqual(['stripe', 'stripe', 'stripe', 'stripe-express', 'google-mail', 'oauth2', 'oauth2', 'github']);
  expect(isSandbox({ name: 'stripe-app-sandbox' })).toBe(true);
  expect(isSandbox({ name: 'sandbox-of-sand', sandbox: false })).toBe(false);
  const bill = catalogue.get('bill-sandbox');
  if (!bill) throw new Error('the catalogue has no bill-sandbox');
  const text = markdown(bill, { guideOf: (name) => `${name}.md` });
  expect(text).toContain('This is a test environment of BILL');
  expect(text).toContain('[BILL](bill.md)');
});

test('what each quirk does is told in a sentence', () => {
  const silent = new Set(['salesforce']); // a name of the wire that does nothing
  const named = catalogue
    .list()
    .flatMap((provider) => [
      'quirk' in provider ? provider.quirk : undefined,
      provider.post_connection_script,
      provider.credentials_verification_script,
    ]);
  const untold = named.filter((name) => name !== undefined && !silent.has(name) && quirkWords[name] === undefined);
  expect([...new Set(untold)], 'write a line for each in packages/providers/src/guide/quirks.ts').toEqual([]);
});
