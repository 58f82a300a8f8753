/** Auth mode TWO_STEP with the catalogue's own providers, against sign-ins that check what they get. */
import { DOMParser } from '@xmldom/xmldom';
import { jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { json } from '../upstream.ts';
import { formOf, guard, jsonOf, pem, rsa, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
let count = 0;
const fresh = (kind: string) => `${kind}-${++count}`;
const hourMs = 3_600_000;
beforeAll(async () => {
  const own = (name: string, more: string) => `extends: ${name}\nproxy: { base_url: API/${name} }\n${more}`;
  vendors = await startVendors({
    'google-service-account': own('google-service-account', 'token_url: API/google/token\n'),
    'salesforce-jwt': `extends: salesforce-jwt\ntoken_url: API/salesforce/token\n`,
    'sage-intacct': own('sage-intacct', 'token_url: API/sage-intacct/xmlgw\n'),
    'sap-business-one': own('sap-business-one', 'token_url: API/sap-business-one/b1s/v1/Login\n'),
    docuware: own('docuware', 'token_url: API/docuware/DocuWare/Platform/Home/IdentityServiceInfo\n'),
    tableau: own('tableau', 'token_url: API/tableau/api/3.22/auth/signin\n'),
  });
});
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });

describe('google-service-account', () => {
  const account = {
    serviceAccountEmailAddress: 'reader@project.iam.gserviceaccount.com',
    scopes: 'https://www.googleapis.com/auth/drive.readonly',
    privateKey: pem(rsa.privateKey, 'pkcs1'),
  };
  let token = '';
  const subjects: unknown[] = [];
  beforeAll(() => {
    vendors.upstream.on('/google/token', async (request, response) => {
      const form = formOf(request);
      const options = { audience: 'https://oauth2.googleapis.com/token', issuer: account.serviceAccountEmailAddress };
      const verified = await jwtVerify(form.assertion ?? '', rsa.publicKey, { ...options, currentDate: vendors.now() }).catch(
        () => undefined,
      );
      if (form.grant_type !== 'urn:ietf:params:oauth:grant-type:jwt-bearer' || verified?.payload.scope !== account.scopes) {
        const body = { error: 'invalid_grant', error_description: `Invalid JWT Signature: ${form.assertion}` };
        return json(response, body, 400);
      }
      subjects.push(verified.payload.sub);
      token = fresh('ya29');
      json(response, { access_token: token, expires_in: 3599, token_type: 'Bearer' });
    });
    guard(vendors.upstream, '/google-service-account/files', 'authorization', () => `Bearer ${token}`);
  });

  test('exchanges an assertion for a token, and another one for the next', async () => {
    const connection = await vendors.connected('TWO_STEP', 'google-service-account', account);
    expect((await vendors.call('google-service-account', connection, '/files')).status).toBe(200);
    const { credentials } = (await vendors.read('google-service-account', connection)).body;
    expect(credentials).toMatchObject({ type: 'TWO_STEP', token, serviceAccountEmailAddress: account.serviceAccountEmailAddress });
    expect(Date.parse(credentials.expires_at) - vendors.now().getTime()).toBeGreaterThan(3_500_000);
    const before = token;
    vendors.platform.advance(hourMs);
    expect((await vendors.call('google-service-account', connection, '/files')).status).toBe(200);
    expect(token).not.toBe(before);
    expect(subjects).toEqual([undefined, undefined]);
  });

  test('an optional claim is there when it was asked for', async () => {
    await vendors.connected('TWO_STEP', 'google-service-account', { ...account, delegatedAccessEmailAddress: 'ada@example.test' });
    expect(subjects.at(-1)).toBe('ada@example.test');
  });

  test('a refusal says why, without the assertion that the provider repeats', async () => {
    const answer = await vendors.connect('TWO_STEP', 'google-service-account', { ...account, scopes: 'other' });
    expect(answer).toMatchObject(failure(400, 'invalid_two_step_credentials'));
    expect(answer.body.error.message).toContain('Invalid JWT Signature');
    expect(answer.body.error.message).toContain('[removed]');
    expect(answer.body.error.message).not.toContain('eyJ');
  });
});

test('salesforce-jwt: what the answer tells is kept in the configuration, and renewed with the token', async () => {
  const instances = ['/first', '/second'].map((path) => vendors.upstream.url + path);
  vendors.upstream.on('/salesforce/token', async (request, response) => {
    const { assertion = '' } = formOf(request);
    const options = { audience: 'https://test.salesforce.com', issuer: 'consumer-key', subject: 'ada@example.test', maxTokenAge: 180 };
    await jwtVerify(assertion, rsa.publicKey, { ...options, currentDate: vendors.now() });
    json(response, { access_token: `token-${request.index}`, instance_url: instances[request.index], token_type: 'Bearer' });
  });
  guard(vendors.upstream, '/first/data', 'authorization', () => 'Bearer token-0');
  guard(vendors.upstream, '/second/data', 'authorization', () => 'Bearer token-1');
  const body = { clientId: 'consumer-key', username: 'ada@example.test', privateKey: pem(rsa.privateKey) };
  const connection = await vendors.connected('TWO_STEP', 'salesforce-jwt', body, { authorizationUrl: 'test.salesforce.com' });
  expect((await vendors.call('salesforce-jwt', connection, '/data')).status).toBe(200);
  vendors.platform.advance(hourMs);
  expect((await vendors.call('salesforce-jwt', connection, '/data')).status).toBe(200);
  expect((await vendors.read('salesforce-jwt', connection)).body.connection_config).toEqual({
    authorizationUrl: 'test.salesforce.com',
    instance_url: instances[1],
  });
});

describe('sage-intacct', () => {
  const login = { companyId: 'ACME & Sons', userId: 'api', userPassword: 'p<w>&"d', senderId: 'sender', senderPassword: 'sender-secret' };
  const wrong =
    '<response><control><status>success</status></control><operation><errormessage><error><description2>Sign-in information is incorrect for p&lt;w&gt;&amp;"d</description2></error></errormessage></operation></response>';
  beforeAll(() => {
    vendors.upstream.on('/sage-intacct/xmlgw', ({ body, headers }, response) => {
      const document = new DOMParser().parseFromString(body.toString(), 'text/xml');
      const said = (name: string) => document.getElementsByTagName(name)[0]?.textContent;
      const call = document.getElementsByTagName('function')[0];
      expect(headers['content-type']).toBe('application/xml');
      expect(document.documentElement?.nodeName).toBe('request');
      expect([said('senderid'), said('userid'), said('companyid'), said('dtdversion'), said('uniqueid')]).toEqual([
        login.senderId,
        login.userId,
        login.companyId,
        '3.0',
        'false',
      ]);
      expect(call?.getAttribute('controlid')).toMatch(/^[0-9a-f-]{36}$/);
      expect(call?.getElementsByTagName('getAPISession').length).toBe(1);
      const timeout = new Date(vendors.now().getTime() + hourMs).toISOString();
      const right = `<?xml version="1.0" encoding="UTF-8"?><response><control><status>success</status></control><operation><authentication><status>success</status><sessiontimeout>${timeout}</sessiontimeout></authentication><result><status>success</status><data><api><sessionid>session..1</sessionid><endpoint>https://api.intacct.com/ia/xml/xmlgw.phtml</endpoint></api></data></result></operation></response>`;
      const [, user] = [...document.getElementsByTagName('password')];
      response.writeHead(200, { 'content-type': 'text/xml' }).end(user?.textContent === login.userPassword ? right : wrong);
    });
  });

  test('speaks XML: values are escaped, attributes are attributes, the session and its end are found', async () => {
    const connection = await vendors.connected('TWO_STEP', 'sage-intacct', login);
    const { credentials } = (await vendors.read('sage-intacct', connection)).body;
    expect(credentials).toMatchObject({ token: 'session..1', userPassword: login.userPassword });
    expect(Math.abs(Date.parse(credentials.expires_at) - vendors.now().getTime() - hourMs)).toBeLessThan(60_000);
  });

  test('a refusal that comes as success is one, and gives its reason without the password', async () => {
    const answer = await vendors.connect('TWO_STEP', 'sage-intacct', { ...login, userPassword: `${login.userPassword}!` });
    expect(answer).toMatchObject(failure(400, 'invalid_two_step_credentials'));
    expect(answer.body.error.message).toContain('without a token (Sign-in information is incorrect');
  });
});

test('sap-business-one: the session is in cookies, which calls present, and ends after half an hour', async () => {
  const { upstream } = vendors;
  upstream.on('/sap-business-one/b1s/v1/Login', (request, response) => {
    expect(jsonOf(request)).toEqual({ CompanyDB: 'DEMO', UserName: 'manager', Password: 'secret-1' });
    const cookies = [
      `B1SESSION=session-${request.index};HttpOnly;;SameSite=None`,
      'ROUTEID=.node4; path=/',
      'password=planted',
      'token=planted',
    ];
    response.setHeader('set-cookie', cookies);
    json(response, { SessionId: `session-${request.index}`, SessionTimeout: 30 });
  });
  const of = (index: number) => `B1SESSION=session-${index}; ROUTEID=.node4; password=planted; token=planted`;
  let session = 0;
  guard(upstream, '/sap-business-one/b1s/v1/Items', 'cookie', () => of(session));
  const login = { userName: 'manager', password: 'secret-1' };
  const params = { domain: 'sap.example.test:50000/b1s/v1', companyDb: 'DEMO' };
  const connection = await vendors.connected('TWO_STEP', 'sap-business-one', login, params);
  expect((await vendors.call('sap-business-one', connection, '/b1s/v1/Items')).status).toBe(200);
  expect(upstream.received('/sap-business-one/b1s/v1/Items')[0]?.headers).not.toHaveProperty('authorization');
  expect((await vendors.read('sap-business-one', connection)).body.credentials).toMatchObject({
    ...login,
    token: 'session-0',
    B1SESSION: 'session-0',
    ROUTEID: '.node4',
  });
  vendors.platform.advance(1_700_000);
  session = 1;
  expect((await vendors.call('sap-business-one', connection, '/b1s/v1/Items')).status).toBe(200);
  expect((await vendors.read('sap-business-one', connection)).body.credentials).toMatchObject({ ...login, token: 'session-1' });
});

test('docuware: each step reads the answer of the one before, and a step that fails is named by its host', async () => {
  const { upstream } = vendors;
  let token = '';
  upstream.on('/docuware/DocuWare/Platform/Home/IdentityServiceInfo', ({ method, body }, response) => {
    expect([method, body.length]).toEqual(['GET', 0]);
    json(response, { IdentityServiceUrl: `${upstream.url}/identity` });
  });
  upstream.on('/identity/.well-known/openid-configuration', (_request, response) =>
    json(response, { token_endpoint: `${upstream.url}/identity/connect` }),
  );
  upstream.on('/identity/connect', (request, response) => {
    const { password, ...form } = formOf(request);
    expect(form).toEqual({
      grant_type: 'password',
      scope: 'docuware.platform',
      client_id: 'docuware.platform.net.client',
      username: 'ada',
    });
    if (password !== 'right & proper')
      return json(response, { error: 'invalid_grant', error_description: 'invalid_username_or_password' }, 400);
    token = fresh('docuware');
    json(response, { access_token: token, expires_in: 3600 });
  });
  guard(upstream, '/docuware/Organizations', 'authorization', () => `Bearer ${token}`);
  const params = { domain: 'example.docuware.cloud' };
  const connection = await vendors.connected('TWO_STEP', 'docuware', { username: 'ada', password: 'right & proper' }, params);
  expect((await vendors.call('docuware', connection, '/Organizations')).status).toBe(200);
  const refused = await vendors.connect('TWO_STEP', 'docuware', { username: 'ada', password: 'wrong' }, params);
  expect(refused).toMatchObject(failure(400, 'invalid_two_step_credentials'));
  expect(refused.body.error.message).toContain('refused with status 400 (invalid_username_or_password)');
});

test('tableau: parameters are nested, the token goes into a header of its own, and its end is days, hours and minutes', async () => {
  vendors.upstream.on('/tableau/api/3.22/auth/signin', (request, response) => {
    expect(jsonOf(request)).toEqual({
      credentials: { personalAccessTokenName: 'reporting', personalAccessTokenSecret: 'secret-1', site: { contentUrl: '' } },
    });
    json(response, { credentials: { site: { id: 's' }, user: { id: 'u' }, token: 'tableau-1', estimatedTimeToExpiration: '1:02:30' } });
  });
  guard(vendors.upstream, '/tableau/sites', 'x-tableau-auth', () => 'tableau-1');
  const connection = await vendors.connected(
    'TWO_STEP',
    'tableau',
    { pat: 'reporting', secret: 'secret-1' },
    { hostname: 't.example.test' },
  );
  expect((await vendors.call('tableau', connection, '/sites')).status).toBe(200);
  expect(vendors.upstream.received('/tableau/sites')[0]?.headers).not.toHaveProperty('authorization');
  const { expires_at } = (await vendors.read('tableau', connection)).body.credentials;
  expect(Math.abs(Date.parse(expires_at) - vendors.now().getTime() - 26.5 * hourMs)).toBeLessThan(60_000);
});
