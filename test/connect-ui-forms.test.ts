/** The forms of the Connect UI: what each auth mode asks, and what is sent when it is filled in. */
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { titleOf } from './connect-catalogue.ts';
import { GOOD_KEY, openStage, type Stage } from './connect-stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
  page = await (await stage.browser.newContext({ locale: 'en-GB' })).newPage();
}, 120_000);
afterAll(() => stage?.close());

const within = { timeout: 40_000 };
const PEM = '-----BEGIN KEY-----\nMIIB\n-----END KEY-----';
const connect = () => page.getByRole('button', { name: 'Connect', exact: true });

async function show(key: string, more: object = {}): Promise<void> {
  await page.goto((await stage.session({ allowed_integrations: [key], ...more })).connect_link);
  await page.getByRole('heading', { level: 1, name: `Connect ${titleOf(key)}` }).waitFor();
  await connect().waitFor();
}

/** Labels of what is asked, in order. */
const asked = () => page.locator('form label > span:first-child').allTextContents();

/** @returns the request that carries what was typed */
async function send(): Promise<{ path: string; params: Record<string, string>; body: unknown }> {
  const isSent = (request: Request) => request.method() === 'POST' && new URL(request.url()).origin === stage.platform.url;
  const [request] = await Promise.all([page.waitForRequest(isSent), connect().click()]);
  const { pathname, searchParams } = new URL(request.url());
  return { path: pathname, params: Object.fromEntries(searchParams), body: request.postDataJSON() };
}

type Typed = Record<string, string>;
type Case = { typed: Typed; chosen?: Typed; path: string; params?: object; body: object | null };
/** By provider, each of another mode. */
const cases: Record<string, Case> = {
  'checked-key': { typed: { 'Access key': GOOD_KEY }, path: '/api-auth/api-key', body: { apiKey: GOOD_KEY } },
  'user-and-password': { typed: { 'User name': 'u', Password: 'p' }, path: '/api-auth/basic', body: { username: 'u', password: 'p' } },
  'service-account': {
    typed: { 'Client ID': 'id', 'Client secret': 's' },
    path: '/oauth2/auth',
    body: { client_id: 'id', client_secret: 's' },
  },
  'service-certificate': {
    typed: { 'Client ID': 'id', 'Client secret': 's', 'Client certificate': PEM, 'Private key of the certificate': PEM },
    path: '/oauth2/auth',
    body: { client_id: 'id', client_secret: 's', client_certificate: PEM, client_private_key: PEM },
  },
  tokens: {
    typed: { 'Client ID of your app': 'id', 'Client secret of your app': 's', 'Token ID': 't', 'Token secret': 'ts' },
    path: '/auth/tba',
    body: { token_id: 't', token_secret: 'ts', oauth_client_id_override: 'id', oauth_client_secret_override: 's' },
  },
  'signed-token': { typed: { 'Key ID': 'k', 'Private key': PEM }, path: '/auth/jwt', body: { type: 'JWT', keyId: 'k', privateKey: PEM } },
  'two-steps': {
    // The integration has set the partner's id, not the key.
    typed: { 'Partner key': 'pk', User: 'u', Password: 'p', Certificate: PEM },
    path: '/auth/two-step',
    body: { type: 'TWO_STEP', partnerKey: 'pk', username: 'u', password: 'p', assertionOption: { certificate: PEM } },
  },
  'bill-like': {
    typed: { 'User name': 'u', Password: 'p', 'Organization ID': 'o', 'Developer key': 'd' },
    path: '/auth/bill',
    body: { username: 'u', password: 'p', organization_id: 'o', dev_key: 'd' },
  },
  'wsse-like': {
    typed: { 'User name': 'u', Password: 'p' },
    path: '/auth/signature',
    body: { type: 'SIGNATURE', username: 'u', password: 'p' },
  },
  'cloud-role': {
    typed: { 'Role ARN': 'arn:aws:iam::123456789012:role/r' },
    chosen: { Region: 'us-east-1' },
    path: '/auth/aws-sigv4',
    params: { 'params[region]': 'us-east-1', 'params[external_id]': expect.stringMatching(/^[0-9a-f]{32}$/) },
    body: { role_arn: 'arn:aws:iam::123456789012:role/r' },
  },
  installed: { typed: { 'Your number there': '7' }, path: '/auth/oauth-outbound', params: { 'params[actor]': '7' }, body: null },
  nothing: { typed: {}, path: '/auth/unauthenticated', body: null },
};

describe('what is typed', () => {
  test.each(Object.entries(cases))('%s', within, async (key, { typed, chosen = {}, path, params = {}, body }) => {
    await show(key);
    expect(new Set(await asked())).toEqual(
      new Set([...Object.keys(typed), ...Object.keys(chosen), ...(key === 'cloud-role' ? ['External ID'] : [])]),
    );
    for (const [label, value] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(value);
    for (const [label, value] of Object.entries(chosen)) await page.getByLabel(label, { exact: true }).selectOption(value);
    expect(await send()).toEqual({
      path: `${path}/${key}`,
      params: { ...params },
      body,
    });
  });

  test('stays out of the address, and secrets are covered until they are shown', within, async () => {
    await show('signed-token');
    const key = page.getByLabel('Private key', { exact: true });
    await key.fill(PEM);
    expect(
      await key.evaluate((input) => input.ownerDocument.defaultView?.getComputedStyle(input).getPropertyValue('-webkit-text-security')),
    ).toBe('disc');
    await page.getByRole('button', { name: 'Show: Private key' }).click();
    expect(
      await key.evaluate((input) => input.ownerDocument.defaultView?.getComputedStyle(input).getPropertyValue('-webkit-text-security')),
    ).toBe('none');
    await show('checked-key');
    const apiKey = page.getByLabel('Access key', { exact: true });
    expect(await apiKey.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show: Access key' }).click();
    expect(await apiKey.getAttribute('type')).toBe('text');
  });

  test('the external id of a role can be copied, and is the one that is sent', within, async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await show('cloud-role');
    await page.getByRole('button', { name: 'Copy: External ID' }).click();
    await page.getByRole('button', { name: 'Copied: External ID' }).waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    await page.getByLabel('Role ARN', { exact: true }).fill('arn:aws:iam::123456789012:role/r');
    expect((await send()).params['params[external_id]']).toBe(copied);
  });
});

describe('what the server says', () => {
  test('of one field stands beside it until it is changed', within, async () => {
    await show('wsse-like');
    await page.route('**/auth/signature/**', async (route) => {
      const response = await route.fetch({ postData: JSON.stringify({ type: 'SIGNATURE', username: '', password: 'p' }) });
      await route.fulfill({ response }); // the server's own words, for what no browser of ours would send
    });
    await page.getByLabel('User name', { exact: true }).fill('u');
    await page.getByLabel('Password', { exact: true }).fill('p');
    await connect().click();
    const field = page.getByLabel('User name', { exact: true });
    await page.getByRole('alert').waitFor();
    await page.locator('p.text-bad').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill('other');
    expect(await field.getAttribute('aria-invalid')).toBeNull();
    await page.unroute('**/auth/signature/**');
  });

  test('of a provider that does not answer is not put on the person', within, async () => {
    const { handle } = stage.provider.script;
    stage.provider.script.handle = (_seen, response) => response.writeHead(503).end();
    await show('checked-key');
    await page.getByLabel('Access key', { exact: true }).fill(GOOD_KEY);
    await connect().click();
    await page.getByRole('alert').getByText('The service does not answer').waitFor();
    stage.provider.script.handle = handle;
  });
});

describe('a popup', () => {
  const begun = async () => {
    const isBegun = (request: Request) => request.url().endsWith('/connect/session/attempts');
    const [request] = await Promise.all([page.waitForRequest(isBegun), connect().click()]);
    return request.postDataJSON();
  };

  test('opens with what was entered before', within, async () => {
    await show('sign');
    expect(await asked()).toEqual(['Subdomain', 'Region', 'Team']);
    await page.getByLabel('Subdomain').fill('acme');
    await page.getByLabel('Region').selectOption('America');
    expect(await begun()).toEqual({ providerConfigKey: 'sign', params: { subdomain: 'acme', region: 'America' } });
  });

  test('asks for the address of an MCP server', within, async () => {
    await show('any-mcp');
    await page.getByLabel('Address of the MCP server').fill('not an address');
    await connect().click();
    await page.getByText('Address of the MCP server must be an address that starts with https://').waitFor();
    await page.getByLabel('Address of the MCP server').fill('https://mcp.example.com/mcp');
    expect(await begun()).toEqual({ providerConfigKey: 'any-mcp', params: { mcp_server_url: 'https://mcp.example.com/mcp' } });
  });

  test('asks for an app of the person’s own where the session leaves it empty', within, async () => {
    const connection_config = { oauth_client_id_override: 'decided', oauth_client_secret_override: '' };
    await show('plain', { integrations_config_defaults: { plain: { connection_config } } });
    expect(await asked()).toEqual(['Client secret of your app']);
    await page.locator('input[name="credentials.oauth_client_secret_override"]').fill('own');
    expect(await begun()).toEqual({
      providerConfigKey: 'plain',
      credentials: { oauth_client_id_override: 'decided', oauth_client_secret_override: 'own' },
    });
  });
});

describe('what the app has decided', () => {
  test('is not asked and not sent: the server has it', within, async () => {
    await show('sign', { integrations_config_defaults: { sign: { connection_config: { subdomain: 'acme', region: 'Europe' } } } });
    expect(await asked()).toEqual(['Team']);
  });

  test('and cannot be right is told before anybody types', within, async () => {
    await show('sign', { integrations_config_defaults: { sign: { connection_config: { subdomain: 'NOT RIGHT' } } } });
    await page.getByRole('alert').getByText('Something was set up in advance').waitFor();
    expect(await connect().isDisabled()).toBe(true);
  });

  test('a page of its own explains instead of the provider’s, without sections of that one', within, async () => {
    const links = () => page.getByRole('link').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    await show('checked-key');
    expect(await links()).toEqual(['https://docs.example.com/connect', 'https://docs.example.com/connect#step-2']);
    await show('checked-key', { overrides: { 'checked-key': { docs_connect: 'https://help.example.com/keys' } } });
    expect(await links()).toEqual(['https://help.example.com/keys']);
  });
});
