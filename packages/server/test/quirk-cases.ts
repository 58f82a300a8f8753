/** What each vendor documents of its token requests, and what it answers. */
import { expect } from 'vitest';
import { basic, client, code, pkce, redirectUri, type Setup, world } from './connecting.ts';

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);

/** What is sent, whole: form, JSON or query, and the headers that matter. */
export type Wanted = { method?: string; url: string; body?: object; query?: object; headers?: object; without?: string[]; type?: string };
export type Case = Setup & {
  provider: string;
  exchange: Wanted;
  answers: object | string;
  becomes: { access_token?: string; refresh_token?: string | undefined; lives?: number | undefined; config?: object; account?: string };
  refresh?: Wanted & { answers: object | string; becomes: Case['becomes'] };
};

const plainAnswer = { access_token: 'a-1', refresh_token: 'r-1', expires_in: 7200 };
const plainRefresh = { grant_type: 'refresh_token', refresh_token: 'r-1' };
const renewedAnswer = { access_token: 'a-2', refresh_token: 'r-2', expires_in: 7200 };
const renewed = { access_token: 'a-2', refresh_token: 'r-2', lives: 7200 };
const granted = { access_token: 'a-1', refresh_token: 'r-1', lives: 7200 };
const JSON_TYPE = 'application/json';

export const cases: Case[] = [
  {
    provider: 'absorb-lms',
    config: { portalRoute: 'acme.myabsorb.com', restApiKey: 'rest-key' },
    scopes: ['a', 'b'],
    exchange: {
      url: 'https://acme.myabsorb.com/oauth/token',
      body: { ...code, ...client, nonce: uuid },
      headers: { 'x-api-key': 'rest-key', 'x-api-version': 'v1' },
    },
    answers: plainAnswer,
    becomes: granted,
    refresh: {
      url: 'https://acme.myabsorb.com/oauth/token',
      body: { ...plainRefresh, ...client, nonce: uuid, scope: 'a b' },
      headers: { 'x-api-key': 'rest-key', 'x-api-version': 'v1' },
      answers: renewedAnswer,
      becomes: renewed,
    },
  },
  {
    provider: 'agiloft',
    config: { hostname: 'acme.agiloft.test' },
    secret: '0123456789abcdefghijREST',
    exchange: {
      url: 'https://acme.agiloft.test/ewws/otoken',
      body: { ...code, client_id: 'client-1', ...pkce },
      headers: { authorization: basic('client-1', '0123456789abcdefghijREST') },
    },
    answers: plainAnswer,
    becomes: granted,
    refresh: {
      url: 'https://acme.agiloft.test/ewws/otoken',
      body: { ...plainRefresh, md5_secret: '0123456789abcdefghij' },
      without: ['authorization'],
      answers: { access_token: 'a-2', expires_in: 7200 },
      becomes: { ...renewed, refresh_token: 'r-1' },
    },
  },
  {
    provider: 'amazon-selling-partner',
    config: { domain: 'sellercentral.amazon.com', applicationId: 'app', subdomain: 'sellingpartnerapi', region: 'na' },
    query: { code: '', spapi_oauth_code: 'c-1', selling_partner_id: 'A1B2' },
    exchange: { url: 'https://api.amazon.com/auth/o2/token', body: { ...code, ...client } },
    answers: plainAnswer,
    becomes: { ...granted, config: { selling_partner_id: 'A1B2' }, account: 'A1B2' },
    refresh: {
      url: 'https://api.amazon.com/auth/o2/token',
      body: { ...plainRefresh, ...client },
      answers: { access_token: 'a-2', expires_in: 7200 },
      becomes: { ...renewed, refresh_token: 'r-1' },
    },
  },
  {
    provider: 'braintree',
    query: { merchantId: 'm_1' },
    exchange: {
      url: 'https://api.braintreegateway.com/oauth/access_tokens',
      type: JSON_TYPE,
      body: { grant_type: 'authorization_code', code: 'c-1' },
      headers: { authorization: basic('client-1', 's3cret'), 'x-apiversion': '6', accept: 'application/xml' },
    },
    answers:
      '<?xml version="1.0" encoding="UTF-8"?>\n<credentials>\n <access-token>access_token$production$m$1</access-token>\n <refresh-token>refresh_token$1</refresh-token>\n <token-type>bearer</token-type>\n <expires-at type="datetime">2099-01-02T03:04:05Z</expires-at>\n</credentials>',
    becomes: {
      access_token: 'access_token$production$m$1',
      refresh_token: 'refresh_token$1',
      config: { merchantId: 'm_1' },
      account: 'm_1',
    },
    refresh: {
      url: 'https://api.braintreegateway.com/oauth/access_tokens',
      type: JSON_TYPE,
      body: { grant_type: 'refresh_token', refresh_token: 'refresh_token$1' },
      headers: { authorization: basic('client-1', 's3cret'), accept: 'application/xml' },
      answers: '<credentials><access-token>a-2</access-token><refresh-token>r-2</refresh-token></credentials>',
      becomes: { access_token: 'a-2', refresh_token: 'r-2' },
    },
  },
  {
    provider: 'clover',
    config: { authorizeHost: 'www.clover.com', apiHost: 'api.clover.com' },
    query: { merchant_id: 'M1', employee_id: 'E1' },
    exchange: { url: 'https://api.clover.com/oauth/v2/token', type: JSON_TYPE, body: { ...client, code: 'c-1' } },
    answers: { access_token: 'a-1', refresh_token: 'r-1', access_token_expiration: Math.floor(world.time.now.getTime() / 1000) + 1800 },
    becomes: { access_token: 'a-1', refresh_token: 'r-1', lives: 1800, config: { merchant_id: 'M1', employee_id: 'E1' }, account: 'M1' },
    refresh: {
      url: 'https://api.clover.com/oauth/v2/refresh',
      type: JSON_TYPE,
      body: { client_id: 'client-1', refresh_token: 'r-1' },
      answers: { access_token: 'a-2', refresh_token: 'r-2', access_token_expiration: Math.floor(world.time.now.getTime() / 1000) + 60 },
      becomes: { access_token: 'a-2', refresh_token: 'r-2', lives: 60 },
    },
  },
  {
    provider: 'coros',
    exchange: { url: 'https://open.coros.com/oauth2/accesstoken', body: { ...code, ...client, ...pkce } },
    answers: { access_token: 'a-1', refresh_token: 'r-1', openId: 'o-1' },
    becomes: { access_token: 'a-1', refresh_token: 'r-1', lives: 2_592_000, config: { openId: 'o-1' }, account: 'o-1' },
    refresh: {
      url: 'https://open.coros.com/oauth2/refresh-token',
      body: { ...plainRefresh, ...client },
      answers: { result: '0000', message: 'OK' },
      becomes: { access_token: 'a-1', refresh_token: 'r-1', lives: 2_592_000 },
    },
  },
  {
    provider: 'docusign',
    exchange: {
      url: 'https://account.docusign.com/oauth/token',
      body: { ...code, ...client, ...pkce },
      headers: { authorization: basic('client-1', 's3cret') },
    },
    answers: plainAnswer,
    becomes: granted,
    refresh: {
      url: 'https://account.docusign.com/oauth/token',
      body: { ...plainRefresh, ...client },
      answers: renewedAnswer,
      becomes: renewed,
    },
  },
  {
    provider: 'ebay',
    custom: { ruName: 'Acme-AcmeApp-PRD-1' },
    exchange: {
      url: 'https://api.ebay.com/identity/v1/oauth2/token',
      body: { ...code, redirect_uri: 'Acme-AcmeApp-PRD-1', ...pkce },
      headers: { authorization: basic('client-1', 's3cret') },
    },
    answers: plainAnswer,
    becomes: granted,
    refresh: {
      url: 'https://api.ebay.com/identity/v1/oauth2/token',
      body: plainRefresh,
      headers: { authorization: basic('client-1', 's3cret') },
      answers: { access_token: 'a-2', expires_in: 7200 },
      becomes: { ...renewed, refresh_token: 'r-1' },
    },
  },
  ...(['fanvue', 'mercury', 'quickbooks', 'figma', 'followupboss', 'notion'] as const).map((provider): Case => {
    const at = {
      fanvue: { url: 'https://auth.fanvue.com/oauth2/token', ...pkceOf(true) },
      mercury: { url: 'https://oauth2.mercury.com/oauth2/token', ...pkceOf(true) },
      quickbooks: { url: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer', ...pkceOf(true) },
      figma: { url: 'https://api.figma.com/v1/oauth/token', refresh: 'https://api.figma.com/v1/oauth/refresh', ...pkceOf(true) },
      followupboss: { url: 'https://app.followupboss.com/oauth/token', more: { state: 'st-1' } },
      notion: { url: 'https://api.notion.com/v1/oauth/token', type: JSON_TYPE, ...pkceOf(true) },
    }[provider];
    const headers = { authorization: basic('client-1', 's3cret') };
    const type = 'type' in at ? { type: at.type } : {};
    return {
      provider,
      exchange: { url: at.url, body: { ...code, ...at.more }, headers, ...type },
      answers: plainAnswer,
      becomes: granted,
      refresh: {
        url: 'refresh' in at ? at.refresh : at.url,
        body: plainRefresh,
        headers,
        ...type,
        answers: { access_token: 'a-2', expires_in: 7200 },
        becomes: { ...renewed, refresh_token: 'r-1' },
      },
    };
  }),
  ...(['heygen', 'posthog-oauth'] as const).map((provider): Case => {
    const at = {
      heygen: ['https://api2.heygen.com/v1/oauth/token', 'https://api2.heygen.com/v1/oauth/refresh_token'],
      'posthog-oauth': ['https://oauth.posthog.com/oauth/token/', 'https://oauth.posthog.com/oauth/token/'],
    }[provider];
    return {
      provider,
      config: { subdomain: 'us' },
      exchange: { url: at[0] ?? '', body: { ...code, client_id: 'client-1', ...pkce }, without: ['authorization'] },
      answers: plainAnswer,
      becomes: granted,
      refresh: { url: at[1] ?? '', body: { ...plainRefresh, client_id: 'client-1' }, answers: renewedAnswer, becomes: renewed },
    };
  }),
  {
    provider: 'jobber',
    exchange: { url: 'https://api.getjobber.com/api/oauth/token', body: { ...code, ...client } },
    answers: { access_token: 'a-1', refresh_token: 'r-1' },
    becomes: { access_token: 'a-1', refresh_token: 'r-1', lives: 3600 },
    refresh: {
      url: 'https://api.getjobber.com/api/oauth/token',
      body: { ...plainRefresh, ...client },
      answers: { access_token: 'a-2', refresh_token: 'r-2' },
      becomes: { access_token: 'a-2', refresh_token: 'r-2', lives: 3600 },
    },
  },
  {
    provider: 'microsoft-admin',
    config: { tenantId: '11111111-2222-3333-4444-555555555555' },
    query: { code: '', tenant: '11111111-2222-3333-4444-555555555555', admin_consent: 'True' },
    exchange: {
      url: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token',
      body: { ...client, grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' },
    },
    answers: { access_token: 'a-1', expires_in: 3599 },
    becomes: { access_token: 'a-1', lives: 3599, account: '11111111-2222-3333-4444-555555555555' },
    refresh: {
      url: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token',
      body: { ...client, grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' },
      answers: { access_token: 'a-2', expires_in: 3599 },
      becomes: { access_token: 'a-2', lives: 3599 },
    },
  },
  {
    provider: 'shopify',
    config: { subdomain: 'acme' },
    exchange: { url: 'https://acme.myshopify.com/admin/oauth/access_token', body: { ...code, ...client, expiring: '1' } },
    answers: { ...plainAnswer, scope: 'read_orders' },
    becomes: { ...granted, account: 'acme' },
    refresh: {
      url: 'https://acme.myshopify.com/admin/oauth/access_token',
      body: { ...plainRefresh, ...client, expiring: '1' },
      answers: renewedAnswer,
      becomes: renewed,
    },
  },
  {
    provider: 'stripe-app',
    secret: 'sk_live_1',
    exchange: {
      url: 'https://api.stripe.com/v1/oauth/token',
      body: { grant_type: 'authorization_code', code: 'c-1' },
      headers: { authorization: basic('sk_live_1', '') },
    },
    answers: { access_token: 'a-1', refresh_token: 'r-1', stripe_user_id: 'acct_1', livemode: true },
    becomes: { access_token: 'a-1', refresh_token: 'r-1', lives: 3600, account: 'acct_1' },
    refresh: {
      url: 'https://api.stripe.com/v1/oauth/token',
      body: plainRefresh,
      headers: { authorization: basic('sk_live_1', '') },
      answers: { access_token: 'a-2', refresh_token: 'r-2' },
      becomes: { access_token: 'a-2', refresh_token: 'r-2', lives: 3600 },
    },
  },
  {
    provider: 'tiktok-accounts',
    exchange: {
      url: 'https://business-api.tiktok.com/open_api/v1.3/tt_user/oauth2/token/',
      type: JSON_TYPE,
      body: { ...client, grant_type: 'authorization_code', auth_code: 'c-1', redirect_uri: redirectUri },
    },
    answers: { code: 0, message: 'OK', data: { ...plainAnswer, open_id: 'o-1' } },
    becomes: { ...granted, account: 'o-1' },
    refresh: {
      url: 'https://business-api.tiktok.com/open_api/v1.3/tt_user/oauth2/refresh_token/',
      type: JSON_TYPE,
      body: { ...client, ...plainRefresh },
      answers: { code: 0, message: 'OK', data: renewedAnswer },
      becomes: renewed,
    },
  },
  {
    provider: 'tiktok-ads',
    query: { code: '', auth_code: 'c-1' },
    exchange: {
      url: 'https://business-api.tiktok.com/open_api/v1.3/oauth2/access_token/',
      type: JSON_TYPE,
      body: { app_id: 'client-1', secret: 's3cret', auth_code: 'c-1' },
    },
    answers: { code: 0, message: 'OK', data: { access_token: 'a-1', advertiser_ids: ['1'] } },
    becomes: { access_token: 'a-1', lives: undefined },
  },
  {
    provider: 'tiktok-personal',
    exchange: { url: 'https://open.tiktokapis.com/v2/oauth/token/', body: { ...code, client_key: 'client-1', client_secret: 's3cret' } },
    answers: { ...plainAnswer, open_id: 'o-1' },
    becomes: { ...granted, account: 'o-1' },
    refresh: {
      url: 'https://open.tiktokapis.com/v2/oauth/token/',
      body: { ...plainRefresh, client_key: 'client-1', client_secret: 's3cret' },
      answers: renewedAnswer,
      becomes: renewed,
    },
  },
  {
    provider: 'walmart',
    query: { sellerId: 'S1' },
    exchange: {
      url: 'https://marketplace.walmartapis.com/v3/token',
      body: code,
      headers: {
        authorization: basic('client-1', 's3cret'),
        'wm_svc.name': 'Walmart Marketplace',
        'wm_qos.correlation_id': uuid,
        'wm_partner.id': 'S1',
      },
    },
    answers: plainAnswer,
    becomes: { ...granted, config: { sellerId: 'S1' }, account: 'S1' },
    refresh: {
      url: 'https://marketplace.walmartapis.com/v3/token',
      body: plainRefresh,
      headers: { 'wm_partner.id': 'S1', 'wm_qos.correlation_id': uuid },
      answers: { access_token: 'a-2', expires_in: 7200 },
      becomes: { ...renewed, refresh_token: 'r-1' },
    },
  },
  {
    provider: 'workday-oauth',
    config: { authorizationDomain: 'impl.workday.com', tokenDomain: 'wd2-impl-services1.workday.com', tenant: 'acme' },
    exchange: {
      url: 'https://wd2-impl-services1.workday.com/ccx/oauth2/acme/token',
      body: { ...code, ...pkce },
      headers: { authorization: basic('client-1', 's3cret') },
    },
    answers: { access_token: 'a-1', refresh_token: 'r-1' },
    becomes: { access_token: 'a-1', refresh_token: 'r-1', lives: 3600, account: 'acme' },
    refresh: {
      url: 'https://wd2-impl-services1.workday.com/ccx/oauth2/acme/token',
      body: plainRefresh,
      headers: { authorization: basic('client-1', 's3cret') },
      answers: { access_token: 'a-2', refresh_token: 'r-2' },
      becomes: { access_token: 'a-2', refresh_token: 'r-2', lives: 3600 },
    },
  },
  {
    provider: 'zoho-crm',
    query: { 'accounts-server': 'https://accounts.zoho.eu', location: 'eu' },
    exchange: { url: 'https://accounts.zoho.eu/oauth/v2/token', body: { ...code, ...client, ...pkce } },
    answers: { ...plainAnswer, api_domain: 'https://www.zohoapis.eu' },
    becomes: { ...granted, config: { 'accounts-server': 'https://accounts.zoho.eu', api_domain: 'https://www.zohoapis.eu' } },
    refresh: {
      url: 'https://accounts.zoho.eu/oauth/v2/token',
      body: { ...plainRefresh, ...client },
      answers: { access_token: 'a-2', expires_in: 7200 },
      becomes: { ...renewed, refresh_token: 'r-1' },
    },
  },
  {
    // Canada's API ends in .ca, and its sign-in server is in another domain.
    provider: 'zoho-crm',
    config: { extension: 'ca' },
    query: { 'accounts-server': 'https://accounts.zohocloud.ca', location: 'ca' },
    exchange: { url: 'https://accounts.zohocloud.ca/oauth/v2/token', body: { ...code, ...client, ...pkce } },
    answers: { ...plainAnswer, api_domain: 'https://www.zohoapis.ca' },
    becomes: {
      ...granted,
      config: { extension: 'ca', 'accounts-server': 'https://accounts.zohocloud.ca', api_domain: 'https://www.zohoapis.ca' },
    },
    refresh: {
      url: 'https://accounts.zohocloud.ca/oauth/v2/token',
      body: { ...plainRefresh, ...client },
      answers: { access_token: 'a-2', expires_in: 7200 },
      becomes: { ...renewed, refresh_token: 'r-1' },
    },
  },
];

function pkceOf(has: boolean): { more: object } {
  return { more: has ? pkce : {} };
}
