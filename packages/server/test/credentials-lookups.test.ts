/** What each vendor is asked after a connection was made, and before one is deleted, with the catalogue's own entry where there is one. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Access } from '../src/credentials/access.ts';
import { openApi } from '../src/credentials/api.ts';
import type { Credentials } from '../src/credentials/credentials.ts';
import type { Told } from '../src/credentials/quirks/quirk.ts';
import { quirks } from '../src/credentials/quirks/quirks.ts';
import { answer, basic, jwt, vendor, world } from './connecting.ts';
import { catalogue, integrationOf, providerOf } from './credentials-world.ts';
import type { VendorAnswer } from './vendor.ts';

const standIn = 'https://api.vendor.test';
/** `base`: the look-up alone is tried, at this address and not that of the catalogue's entry. */
type Given = { config?: object; metadata?: object; token?: string; raw?: object; credentials?: Credentials; base?: string };
const silent = { id: 'op', log: () => {}, http: () => {}, end: () => {} };

function accessOf(provider: string, { config = {}, metadata = {}, token = 'a-1', raw = {}, credentials, base }: Given): Access {
  const own = providerOf({
    auth_mode: 'OAUTH2',
    authorization_url: 'https://vendor.test/authorize',
    token_url: 'https://vendor.test/token',
    proxy: { base_url: base ?? standIn },
  });
  return {
    integration: integrationOf((base === undefined ? catalogue.get(provider) : undefined) ?? own),
    connectionConfig: { ...config },
    metadata: { ...metadata },
    credentials: credentials ?? { type: 'OAUTH2', access_token: token, refresh_token: 'r-1', raw: { ...raw } },
  };
}

function api(access: Access) {
  vendor.asked.length = 0;
  return openApi(world, access, { operation: silent });
}

type Case = Given & { name: string; provider?: string; answers?: Record<string, VendorAnswer>; asks?: object[]; told: Told };
const bearer = { headers: { authorization: 'Bearer a-1' } };
const hash = (address: string) => createHash('sha256').update(`nango.emailAddressHash.v1:${address}`).digest('hex');

const cases: Case[] = [
  {
    name: 'adobeUmapi',
    credentials: { type: 'OAUTH2_CC', token: 't', client_id: 'own-client', client_secret: 's', raw: {} },
    told: { config: { clientId: 'own-client' } },
  },
  {
    name: 'attio',
    answers: { 'GET https://api.attio.com/v2/self': { workspace_id: 'w-1' } },
    asks: [bearer],
    told: { config: { workspace_id: 'w-1' }, account: 'w-1' },
  },
  {
    name: 'basecamp',
    answers: {
      'GET https://launchpad.37signals.com/authorization.json': {
        identity: { id: 7 },
        accounts: [{ id: 99, name: 'Acme', product: 'bc3', href: 'https://3.basecampapi.com/99' }],
      },
    },
    asks: [bearer],
    told: {
      config: { accounts: [{ id: '99', name: 'Acme', product: 'bc3', href: 'https://3.basecampapi.com/99' }], accountId: '99' },
      account: '7',
    },
  },
  { name: 'bullhorn', told: { remove: ['username', 'password'] } },
  {
    name: 'calendly',
    answers: {
      'GET https://api.calendly.com/users/me': {
        resource: { uri: 'https://api.calendly.com/users/U1', current_organization: 'https://api.calendly.com/organizations/O1' },
      },
    },
    told: { config: { organizationId: 'O1' }, account: 'U1' },
  },
  {
    name: 'candis',
    base: standIn,
    answers: { 'GET https://api.vendor.test/v1/organizations/info': { id: 'o-1' } },
    told: { config: { organizationId: 'o-1' }, account: 'o-1' },
  },
  {
    name: 'checkrPartner',
    provider: 'checkr-partner',
    answers: { 'GET https://api.checkr.com/v1/nodes': { data: [{}] } },
    asks: [{ headers: { authorization: basic('a-1', '') } }],
    told: { config: { accountHierarchyEnabled: true } },
  },
  {
    name: 'docusign',
    provider: 'docusign-sandbox',
    answers: {
      'GET https://account-d.docusign.com/oauth/userinfo': {
        accounts: [
          { account_id: 'A0', base_uri: 'https://na1.docusign.net', is_default: false },
          { account_id: 'A1', base_uri: 'https://demo.docusign.net', is_default: true },
        ],
      },
    },
    asks: [bearer],
    told: { config: { baseUri: 'https://demo.docusign.net', accountId: 'A1' }, account: 'A1' },
  },
  {
    name: 'github',
    answers: { 'GET https://api.github.com/user': { id: 583231, login: 'octocat' } },
    told: { config: {}, account: '583231' },
  },
  {
    name: 'githubAppOauth',
    provider: 'github',
    answers: { 'GET https://api.github.com/user': { id: 583231, login: 'octocat' } },
    told: { config: { handle: 'octocat' }, account: '583231' },
  },
  {
    name: 'googleMail',
    provider: 'google-mail',
    answers: { 'GET https://gmail.googleapis.com/gmail/v1/users/me/profile': { emailAddress: 'Ann@Example.test' } },
    told: { config: { emailAddressHash: hash('ann@example.test') } },
  },
  {
    name: 'googleCalendar',
    provider: 'google-calendar',
    answers: { 'GET https://www.googleapis.com/calendar/v3/users/me/calendarList/primary': { id: 'ann@example.test' } },
    told: { config: { emailAddressHash: hash('ann@example.test') } },
  },
  {
    name: 'gusto',
    base: standIn,
    answers: { 'GET https://api.vendor.test/v1/token_info': { resource: { type: 'Company', uuid: 'c-1' } } },
    told: { config: { companyUuid: 'c-1' }, account: 'c-1' },
  },
  {
    name: 'hubspot',
    answers: { 'GET https://api.hubapi.com/account-info/v3/details': { portalId: 4711 } },
    asks: [bearer],
    told: { config: { portalId: 4711 }, account: '4711' },
  },
  {
    name: 'instagram',
    answers: { 'GET https://graph.instagram.com/me': { user_id: '17841400000000001', id: '9001' } },
    asks: [{ ...bearer, query: { fields: 'user_id' } }],
    told: { config: {}, account: '17841400000000001' },
  },
  {
    name: 'intercom',
    base: standIn,
    answers: { 'GET https://api.vendor.test/me': { app: { id_code: 'i-1' } } },
    told: { config: {}, account: 'i-1' },
  },
  {
    name: 'jira',
    config: { subdomain: 'two' },
    answers: {
      'GET https://api.atlassian.com/oauth/token/accessible-resources': [
        { id: 'c-1', url: 'https://one.atlassian.net', name: 'two old', scopes: ['read:jira-work'] },
        { id: 'c-2', url: 'https://two.atlassian.net', name: 'other', scopes: ['read:jira-work'] },
      ],
      'GET https://api.atlassian.com/ex/jira/c-2/rest/api/3/myself': { accountId: 'p-1' },
    },
    asks: [bearer, bearer],
    told: { config: { cloudId: 'c-2', baseUrl: 'https://two.atlassian.net', accountId: 'p-1' }, account: 'c-2' },
  },
  {
    name: 'jobber',
    answers: { 'POST https://api.getjobber.com/api/graphql': { data: { account: { id: 'j-1' } } } },
    asks: [{ ...bearer, body: { query: '{ account { id } }' } }],
    told: { config: { accountId: 'j-1' }, account: 'j-1' },
  },
  {
    name: 'linear',
    answers: { 'POST https://api.linear.app/graphql': { data: { organization: { id: 'o-1' } } } },
    asks: [{ ...bearer, body: { query: '{ organization { id } }' } }],
    told: { config: { organizationId: 'o-1' }, account: 'o-1' },
  },
  {
    name: 'mailchimp',
    answers: { 'GET https://login.mailchimp.com/oauth2/metadata': { dc: 'us6', user_id: 12 } },
    asks: [{ headers: { authorization: 'OAuth a-1' } }],
    told: { config: { dc: 'us6' }, account: '12' },
  },
  ...['microsoftTeams', 'microsoftTeamsBot', 'onedrive'].map(
    (name): Case => ({ name, token: jwt({ tid: 'tenant-1' }), told: { config: { tenantId: 'tenant-1' }, account: 'tenant-1' } }),
  ),
  {
    name: 'procore',
    base: standIn,
    answers: { 'GET https://api.vendor.test/rest/v1.0/companies': [{ id: 5 }, { id: 6 }] },
    told: { config: { companyId: '5' }, account: '5' },
  },
  {
    name: 'ripplingShopApp',
    answers: { 'POST https://api.vendor.test/platform/api/mark_app_installed': {} },
    asks: [{ ...bearer, body: {} }],
    told: {},
  },
  {
    name: 'sage200',
    answers: { 'GET https://api.vendor.test/accounts/v1/sites': [{ company_id: 2, site_id: 's-1' }] },
    told: { config: { company_id: 2, site_id: 's-1' }, account: 's-1' },
  },
  { name: 'salesforce', told: {} },
  { name: 'sellsy', token: jwt({ corpId: 42 }), told: { config: { corpid: 42 }, account: '42' } },
  {
    name: 'sentryOauth',
    config: { 'installation.uuid': 'u-1' },
    answers: { 'PUT https://sentry.io/api/0/sentry-app-installations/u-1/': {} },
    asks: [{ ...bearer, body: { status: 'installed' } }],
    told: { remove: ['pending'], account: 'u-1' },
  },
  {
    name: 'snowflake',
    config: { snowflake_account_url: 'acme.snowflakecomputing.com' },
    answers: { 'POST https://acme.snowflakecomputing.com/api/v2/statements': { data: [['ANN']] } },
    asks: [{ body: { statement: 'SELECT CURRENT_USER()' } }],
    told: { config: { username: 'ANN' }, account: 'ANN' },
  },
  {
    name: 'sophosCentral',
    answers: {
      'GET https://api.central.sophos.com/whoami/v1': { id: 't-1', apiHosts: { dataRegion: 'https://api-eu01.central.sophos.com' } },
    },
    told: { config: { tenantId: 't-1', dataRegion: 'https://api-eu01.central.sophos.com' }, account: 't-1' },
  },
  {
    name: 'workable',
    answers: { 'GET https://www.workable.com/spi/v3/accounts': { accounts: [{ subdomain: 'acme' }] } },
    told: { config: { subdomain: 'acme' }, account: 'acme' },
  },
  {
    name: 'xero',
    token: jwt({ authentication_event_id: 'e-2' }),
    answers: {
      'GET https://api.xero.com/connections': [
        { tenantId: 't-1', authEventId: 'e-1' },
        { tenantId: 't-2', authEventId: 'e-2' },
      ],
    },
    told: { config: { tenant_id: 't-2' }, account: 't-2' },
  },
  { name: 'zoho', raw: { api_domain: 'https://www.zohoapis.com.au' }, told: { config: { extension: 'com.au' } } },
  {
    name: 'zoom',
    answers: { 'GET https://api.zoom.us/v2/users/me': { id: 'u-1', account_id: 'a-2' } },
    asks: [bearer],
    told: { config: { account_id: 'a-2' }, account: 'u-1' },
  },
];

describe('after a connection was made', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s tells what only the provider knows', async (name, one) => {
    for (const [at, given] of Object.entries(one.answers ?? {})) answer(at, given);
    const told = await quirks[name]?.afterConnect?.(api(accessOf(one.provider ?? name, one)));
    expect(told).toEqual(one.told);
    expect(vendor.asked.map(({ method, url }) => `${method} ${url}`)).toEqual(Object.keys(one.answers ?? {}));
    expect(vendor.asked).toMatchObject(one.asks ?? Object.keys(one.answers ?? {}).map(() => ({})));
  });

  test('every look-up there is has a case', () => {
    const written = Object.entries(quirks).flatMap(([name, { afterConnect }]) => (afterConnect ? [name] : []));
    expect(written.filter((name) => !cases.some((one) => one.name === name))).toEqual([]);
  });

  test('a refusal is told by host and status, without what was sent or answered', async () => {
    answer('GET https://api.attio.com/v2/self', { status: 403, body: { message: 'token a-1 lacks a scope' } });
    const failed = quirks.attio?.afterConnect?.(api(accessOf('attio', {})));
    await expect(failed).rejects.toThrow(/^api\.attio\.com answered 403$/);
  });

  test('what a person chose stays', async () => {
    expect(await quirks.procore?.afterConnect?.(api(accessOf('procore', { config: { companyId: '8' } })))).toEqual({});
    expect(await quirks.workable?.afterConnect?.(api(accessOf('workable', { config: { subdomain: 'b' } })))).toEqual({});
    expect(await quirks.zoho?.afterConnect?.(api(accessOf('zoho', { config: { extension: 'eu' } })))).toEqual({});
    expect(vendor.asked).toEqual([]);
  });

  test('Jira connects without a site, and without a right to read who it is', async () => {
    answer('GET https://api.atlassian.com/oauth/token/accessible-resources', []);
    expect(await quirks.jira?.afterConnect?.(api(accessOf('jira', {})))).toEqual({});
    const site = { id: 'c-9', url: 'https://x.atlassian.net', name: 'x', scopes: ['read:confluence-content.all'] };
    answer('GET https://api.atlassian.com/oauth/token/accessible-resources', [site]);
    const told = await quirks.jira?.afterConnect?.(api(accessOf('jira', {})));
    expect(told).toMatchObject({ config: { cloudId: 'c-9', accountId: undefined } });
    expect(vendor.asked[1]?.url).toBe('https://api.atlassian.com/ex/confluence/c-9/wiki/rest/api/user/current');
  });
});

describe('before a connection is deleted', () => {
  test('HubSpot’s refresh token is revoked, with the client in the body, unless the app says it is used elsewhere', async () => {
    answer('POST https://api.hubapi.com/oauth/2026-03/token/revoke', {});
    await quirks.hubspot?.beforeDelete?.(api(accessOf('hubspot', {})));
    expect(vendor.asked).toMatchObject([
      { query: {}, body: { client_id: 'client-1', client_secret: 's3cret', token: 'r-1', token_type_hint: 'refresh_token' } },
    ]);
    expect(vendor.asked[0]?.headers).not.toHaveProperty('authorization');
    await quirks.hubspot?.beforeDelete?.(api(accessOf('hubspot', { metadata: { skipTokenRevocation: true } })));
    expect(vendor.asked).toEqual([]);
  });
  test('Intercom’s app is uninstalled', async () => {
    answer('POST https://api.vendor.test/auth/uninstall', {});
    await quirks.intercom?.beforeDelete?.(api(accessOf('intercom', { base: standIn })));
    expect(vendor.asked).toMatchObject([bearer]);
  });
  test('Linear’s token is revoked', async () => {
    answer('POST https://api.linear.app/oauth/revoke', {});
    await quirks.linear?.beforeDelete?.(api(accessOf('linear', {})));
    expect(vendor.asked).toMatchObject([{ ...bearer, body: { token: 'a-1', token_type_hint: 'access_token' } }]);
  });
  test('OneLogin’s token is revoked by its client', async () => {
    answer('POST https://acme.onelogin.com/auth/oauth2/revoke', {});
    const credentials: Credentials = { type: 'OAUTH2_CC', token: 't-1', client_id: 'c', client_secret: 's', raw: {} };
    await quirks.onelogin?.beforeDelete?.(api(accessOf('onelogin', { config: { subdomain: 'acme' }, credentials })));
    expect(vendor.asked).toMatchObject([{ headers: { authorization: 'client_id:c, client_secret:s' }, body: { access_token: 't-1' } }]);
  });
});
