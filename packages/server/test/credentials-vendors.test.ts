/** Vendors whose tokens take more than one request, or whose refusals look like success. */
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { modes } from '../src/credentials/modes.ts';
import {
  answer,
  client,
  code,
  connect,
  failure,
  integration,
  jwt,
  livesSeconds,
  pkce,
  redirectUri,
  renew,
  tokens,
  vendor,
  world,
} from './connecting.ts';
import type { Asked } from './vendor.ts';

const JSON_TYPE = 'application/json';
const plainAnswer = { access_token: 'a-1', refresh_token: 'r-1', expires_in: 7200 };
const plainRefresh = { grant_type: 'refresh_token', refresh_token: 'r-1' };

describe('Bullhorn', () => {
  const token = 'POST https://auth-west.bullhornstaffing.com/oauth/token';
  const login = 'POST https://rest-west.bullhornstaffing.com/rest-services/login';
  test('sends everything in the query and uses the session that the token opens', async () => {
    answer(token, { access_token: 'oauth-1', refresh_token: 'r-1', expires_in: 600 });
    answer(login, { BhRestToken: 'session-1', restUrl: 'https://rest9.bullhornstaffing.com/rest-services/x/' });
    const first = await connect('bullhorn', { config: { username: 'u', password: 'p' } });
    expect(vendor.asked).toMatchObject([
      { method: 'POST', query: { ...code, ...client }, text: '' },
      { method: 'POST', query: { version: '*', access_token: 'oauth-1', ttl: '10080' }, text: '' },
    ]);
    expect(tokens(first)).toMatchObject({ access_token: 'session-1', refresh_token: 'r-1' });
    expect(livesSeconds(first)).toBe(604_800);
    expect(first.connectionConfig).toMatchObject({ restUrl: 'https://rest9.bullhornstaffing.com/rest-services/x/' });
    answer(token, { access_token: 'oauth-2', refresh_token: 'r-2', expires_in: 600 });
    answer(login, { BhRestToken: 'session-2', restUrl: 'https://rest7.bullhornstaffing.com/rest-services/x/' });
    const second = await renew('bullhorn', first);
    expect(vendor.asked[0]?.query).toEqual({ ...plainRefresh, ...client });
    expect(tokens(second)).toMatchObject({ access_token: 'session-2', refresh_token: 'r-2' });
    expect(second.connectionConfig).toMatchObject({ restUrl: 'https://rest7.bullhornstaffing.com/rest-services/x/' });
  });
});

describe('Meta', () => {
  const fb = 'GET https://graph.facebook.com/v24.0/oauth/access_token';
  test('Facebook trades the token of the sign-in for a long-lived one, and that again only when a caller insists', async () => {
    answer(fb, ({ query }) =>
      query.grant_type
        ? { access_token: `${query.fb_exchange_token}-long`, expires_in: 5_184_000 }
        : { access_token: 'a-1', expires_in: 5000 },
    );
    const first = await connect('facebook');
    expect(vendor.asked).toMatchObject([
      { query: { ...client, redirect_uri: redirectUri, code: 'c-1', ...pkce }, text: '' },
      { query: { ...client, grant_type: 'fb_exchange_token', fb_exchange_token: 'a-1' } },
    ]);
    expect(tokens(first).access_token).toBe('a-1-long');
    expect(livesSeconds(first)).toBe(5_184_000);
    const about = { credentials: first.credentials, integration: integration('facebook') };
    expect(modes.OAUTH2.renews(about)).toBe(false);
    expect(modes.OAUTH2.renews(about, { forced: true })).toBe(true);
    const second = await renew('facebook', first);
    expect(vendor.asked).toMatchObject([{ query: { ...client, grant_type: 'fb_exchange_token', fb_exchange_token: 'a-1-long' } }]);
    expect(tokens(second).access_token).toBe('a-1-long-long');
  });
  test('Facebook keeps a token that cannot be traded', async () => {
    answer(fb, ({ query }) =>
      query.grant_type
        ? { status: 400, body: { error: { message: 'no', type: 'OAuthException', code: 100 } } }
        : { access_token: 'system' },
    );
    expect(tokens(await connect('facebook')).access_token).toBe('system');
  });
  test.each([
    [
      'instagram',
      'https://api.instagram.com/oauth/access_token',
      'https://graph.instagram.com',
      'ig',
      { data: [{ access_token: 'short' }] },
    ],
    ['threads', 'https://graph.threads.net/oauth/access_token', 'https://graph.threads.net', 'th', { access_token: 'short', user_id: 1 }],
  ])('%s trades for a long-lived token at once, which renews itself', async (provider, url, graph, prefix, short) => {
    answer(`POST ${url}`, short);
    answer(`GET ${graph}/access_token`, { access_token: 'long-1', token_type: 'bearer', expires_in: 5_184_000 });
    const first = await connect(provider);
    expect(vendor.asked).toMatchObject([
      { url, body: { ...code, ...client, ...pkce } },
      { url: `${graph}/access_token`, query: { grant_type: `${prefix}_exchange_token`, client_secret: 's3cret', access_token: 'short' } },
    ]);
    expect(tokens(first).access_token).toBe('long-1');
    expect(livesSeconds(first)).toBe(5_184_000);
    expect(modes.OAUTH2.renews({ credentials: first.credentials, integration: integration(provider) })).toBe(true);
    answer(`GET ${graph}/refresh_access_token`, { access_token: 'long-2', token_type: 'bearer', expires_in: 5_184_000 });
    const second = await renew(provider, first);
    expect(vendor.asked).toMatchObject([{ query: { grant_type: `${prefix}_refresh_token`, access_token: 'long-1' }, text: '' }]);
    expect(tokens(second).access_token).toBe('long-2');
  });
});

describe('Slack', () => {
  const url = 'POST https://slack.com/api/oauth.v2.access';
  const installed = {
    ok: true,
    access_token: 'bot-1',
    refresh_token: 'bot-r-1',
    expires_in: 43_200,
    team: { id: 'T1' },
    bot_user_id: 'B1',
    authed_user: { id: 'U1', access_token: 'user-1', refresh_token: 'user-r-1', expires_in: 3600 },
  };
  test('renews the bot’s and the person’s token together, and holds both for as long as the first lasts', async () => {
    answer(url, installed);
    const first = await connect('slack');
    expect(vendor.asked).toMatchObject([{ body: { ...code, ...client } }]);
    expect(livesSeconds(first)).toBe(3600);
    expect(first).toMatchObject({ account: 'T1', connectionConfig: { 'team.id': 'T1', bot_user_id: 'B1' } });
    answer(url, ({ body }) =>
      Object(body).refresh_token === 'bot-r-1'
        ? { ok: true, access_token: 'bot-2', refresh_token: 'bot-r-2', expires_in: 43_200 }
        : { ok: true, access_token: 'user-2', refresh_token: 'user-r-2', expires_in: 7200, token_type: 'user' },
    );
    const second = await renew('slack', first);
    expect(vendor.asked.map(({ body }) => Object(body).refresh_token)).toEqual(['bot-r-1', 'user-r-1']);
    expect(tokens(second)).toMatchObject({
      access_token: 'bot-2',
      refresh_token: 'bot-r-2',
      raw: { authed_user: { id: 'U1', access_token: 'user-2', refresh_token: 'user-r-2' } },
    });
    expect(livesSeconds(second)).toBe(7200);
  });
  test('keeps what it knows of the person when their token cannot be renewed', async () => {
    answer(url, installed);
    const first = await connect('slack');
    answer(url, ({ body }) =>
      Object(body).refresh_token === 'bot-r-1'
        ? { ok: true, access_token: 'bot-2', refresh_token: 'bot-r-2', expires_in: 43_200 }
        : { ok: false, error: 'invalid_refresh_token' },
    );
    const second = await renew('slack', first);
    expect(tokens(second)).toMatchObject({
      access_token: 'bot-2',
      raw: { authed_user: { access_token: 'user-1', refresh_token: 'user-r-1' } },
    });
    expect(livesSeconds(second)).toBe(43_200);
  });
  test('without a bot the person’s token is the connection’s', async () => {
    answer(url, { ok: true, team: { id: 'T1' }, authed_user: installed.authed_user });
    const first = await connect('slack');
    expect(tokens(first)).toMatchObject({ access_token: 'user-1', refresh_token: 'user-r-1' });
    answer(url, { ok: true, access_token: 'user-2', refresh_token: 'user-r-2', expires_in: 3600 });
    const second = await renew('slack', first);
    expect(vendor.asked).toHaveLength(1);
    expect(tokens(second)).toMatchObject({
      access_token: 'user-2',
      refresh_token: 'user-r-2',
      raw: { authed_user: { access_token: 'user-2' } },
    });
  });
  test('a refusal comes with status 200', async () => {
    answer(url, { ok: false, error: 'invalid_code' });
    expect(await failure(connect('slack'))).toMatchObject({
      code: 'token_err',
      kind: 'revoked',
      providerError: 'invalid_code',
      status: 200,
    });
  });
});

describe('Microsoft', () => {
  const tenant = '11111111-2222-3333-4444-555555555555';
  const common = 'POST https://login.microsoftonline.com/common/oauth2/v2.0/token';
  const sites = 'GET https://graph.microsoft.com/v1.0/sites/root';
  test('SharePoint has a token of its own host, sealed with the credentials and renewed with them', async () => {
    answer(sites, { siteCollection: { hostname: 'acme.sharepoint.com' } });
    answer(common, ({ body }) =>
      String(Object(body).scope).startsWith('https://acme.sharepoint.com/')
        ? { access_token: `sp-${Object(body).refresh_token}`, refresh_token: 'sp-r', expires_in: 1800 }
        : { access_token: jwt({ tid: tenant }), refresh_token: 'r-1', expires_in: 3600 },
    );
    const first = await connect('sharepoint-online');
    expect(vendor.asked.map(({ body }) => Object(body).scope)).toEqual([
      undefined,
      undefined,
      'https://acme.sharepoint.com/Sites.Read.All offline_access',
    ]);
    expect(tokens(first).raw.sharepointAccessToken).toMatchObject({
      access_token: 'sp-r-1',
      refresh_token: 'sp-r',
      host: 'acme.sharepoint.com',
    });
    expect(JSON.stringify(first.connectionConfig)).not.toContain('sp-r');
    expect(first.account).toBe(tenant);
    expect(livesSeconds(first)).toBe(1800);
    const second = await renew('sharepoint-online', first);
    expect(vendor.asked).toHaveLength(2);
    expect(tokens(second).raw.sharepointAccessToken).toMatchObject({ access_token: 'sp-sp-r', host: 'acme.sharepoint.com' });
  });
  test('OneDrive connects without SharePoint', async () => {
    answer(sites, { status: 403, body: { error: { code: 'accessDenied' } } });
    answer(common, plainAnswer);
    const first = await connect('one-drive');
    expect(tokens(first).raw).not.toHaveProperty('sharepointAccessToken');
    expect(livesSeconds(first)).toBe(7200);
  });
  test('a bot’s second token comes from the tenant that hosts it', async () => {
    const host = '99999999-2222-3333-4444-555555555555';
    answer(`POST https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`, plainAnswer);
    answer(`POST https://login.microsoftonline.com/${host}/oauth2/v2.0/token`, { access_token: 'bot-1', expires_in: 3599 });
    const config = { tenantId: tenant, botHostTenantId: host };
    const first = await connect('microsoft-teams-bot', { config });
    expect(vendor.asked[1]?.body).toEqual({ ...client, grant_type: 'client_credentials', scope: 'https://api.botframework.com/.default' });
    expect(tokens(first).raw.botFrameworkAccessToken).toMatchObject({
      access_token: 'bot-1',
      expires_in: 3599,
      expires_at: expect.any(String),
    });
    expect(livesSeconds(first)).toBe(3599);
    const without = await connect('microsoft-teams-bot', { config: { tenantId: tenant } });
    expect(vendor.asked).toHaveLength(1);
    expect(livesSeconds(without)).toBe(7200);
  });
});

describe('Revolut', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const config = { authorizeHost: 'business.revolut.com', apiHost: 'b2b.revolut.com' };
  const url = 'POST https://b2b.revolut.com/api/1.0/auth/token';
  const assertionOf = (asked: Asked | undefined) =>
    jwtVerify(String(Object(asked?.body).client_assertion), createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })), {
      algorithms: ['RS256'],
      audience: 'https://revolut.com',
      issuer: 'connect.example.test',
      subject: 'client-1',
      currentDate: world.time.now,
    });
  test('knows the client by a signed assertion, at the exchange and at a refresh', async () => {
    answer(url, { access_token: 'a-1', refresh_token: 'r-1', expires_in: 2399 });
    const first = await connect('revolut-business', { config, secret: pem });
    expect(Object.keys(Object(vendor.asked[0]?.body)).sort()).toEqual(['client_assertion', 'client_assertion_type', 'code', 'grant_type']);
    const { payload } = await assertionOf(vendor.asked[0]);
    expect(Number(payload.exp) * 1000 - world.time.now.getTime()).toBeLessThanOrEqual(300_000);
    answer(url, { access_token: 'a-2', expires_in: 2399 });
    const second = await renew('revolut-business', first, { secret: pem });
    await assertionOf(vendor.asked[0]);
    expect(tokens(second)).toMatchObject({ access_token: 'a-2', refresh_token: 'r-1' });
    await renew('revolut-business', second, { secret: pem });
    await assertionOf(vendor.asked[0]);
  });
  test('says what the secret must be', async () => {
    expect(await failure(connect('revolut-business', { config }))).toMatchObject({
      code: 'provider_config_err',
      message: expect.stringContaining('PEM'),
    });
  });
});

describe('SHOPLINE', () => {
  const base = 'https://acme.myshopline.com/admin/oauth/token';
  const signature = (body: string, timestamp: unknown) => createHmac('sha256', 's3cret').update(`${body}${timestamp}`).digest('hex');
  const ok = (token: string) => ({
    code: 200,
    i18nCode: 'SUCCESS',
    data: { accessToken: token, expireTime: '2099-01-01T00:00:00.000+00:00' },
  });
  test('signs what it sends, and renews without a refresh token', async () => {
    answer(`POST ${base}/create`, ok('a-1'));
    const first = await connect('shopline-oauth', { config: { handle: 'acme' } });
    const [asked] = vendor.asked;
    expect(asked).toMatchObject({ text: '{"code":"c-1"}', headers: { appkey: 'client-1', 'content-type': JSON_TYPE } });
    expect(asked?.headers.timestamp).toBe(String(world.time.now.getTime()));
    expect(asked?.headers.sign).toBe(signature('{"code":"c-1"}', asked?.headers.timestamp));
    expect(tokens(first)).toMatchObject({ access_token: 'a-1', expires_at: '2099-01-01T00:00:00.000Z' });
    expect(modes.OAUTH2.renews({ credentials: first.credentials, integration: integration('shopline-oauth') })).toBe(true);
    answer(`POST ${base}/refresh`, ok('a-2'));
    const second = await renew('shopline-oauth', first);
    expect(vendor.asked[0]).toMatchObject({ text: '', headers: { appkey: 'client-1' } });
    expect(vendor.asked[0]?.headers.sign).toBe(signature('', vendor.asked[0]?.headers.timestamp));
    expect(tokens(second).access_token).toBe('a-2');
  });
  test('a refusal comes with status 200', async () => {
    answer(`POST ${base}/create`, { code: 500, i18nCode: 'TOKEN_IS_NOT_EXIST', message: 'gone' });
    expect(await failure(connect('shopline-oauth', { config: { handle: 'acme' } }))).toMatchObject({
      code: 'token_err',
      providerError: 'TOKEN_IS_NOT_EXIST',
    });
  });
});

test('TikTok’s and COROS’ refusals come with status 200 too, and say whose turn it is', async () => {
  answer('POST https://business-api.tiktok.com/open_api/v1.3/oauth2/access_token/', {
    code: 40110,
    message: 'Auth_code is expired',
    data: {},
  });
  expect(await failure(connect('tiktok-ads', { query: { auth_code: 'c-1' } }))).toMatchObject({
    code: 'token_err',
    kind: 'revoked',
    status: 200,
  });
  answer('POST https://open.coros.com/oauth2/accesstoken', { result: '5001', message: 'The code is wrong' });
  expect(await failure(connect('coros'))).toMatchObject({ code: 'token_err', providerError: '5001' });
  answer('POST https://api.braintreegateway.com/oauth/access_tokens', {
    status: 422,
    body: '<api-error-response><errors/><message>Invalid grant: code not found</message></api-error-response>',
  });
  expect(await failure(connect('braintree'))).toMatchObject({ kind: 'revoked', message: expect.stringContaining('code not found') });
});

test('Workday keeps a refresh token that a person brought along', async () => {
  const config = {
    authorizationDomain: 'impl.workday.com',
    tokenDomain: 'services.workday.com',
    tenant: 'acme',
    overrideTokenRefresh: true,
  };
  answer('POST https://services.workday.com/ccx/oauth2/acme/token', { access_token: 'a-1', refresh_token: 'short' });
  const first = await connect('workday-oauth', { config });
  const second = await renew('workday-oauth', { ...first, credentials: { ...tokens(first), refresh_token: 'brought' } });
  expect(tokens(second)).toMatchObject({ access_token: 'a-1', refresh_token: 'brought' });
});

test('an OpenID token names the account where the provider’s file does not', async () => {
  answer('POST https://oauth2.googleapis.com/token', { ...plainAnswer, id_token: jwt({ sub: '1234' }) });
  expect((await connect('google')).account).toBe('1234');
});
