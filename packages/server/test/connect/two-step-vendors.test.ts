/** Sign-ins of TWO_STEP providers that ask twice or sign, each as its vendor documents it, with the catalogue's own entries. */
import { jwtVerify } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { json } from '../upstream.ts';
import { formOf, guard, jsonOf, pem, rsa, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
beforeAll(async () => {
  const own = (name: string) => `extends: ${name}\nproxy: { base_url: API/${name} }\ntoken_url: API/${name}/token\n`;
  vendors = await startVendors(
    {
      'salesforce-cdp': own('salesforce-cdp'),
      'servicenow-jwt': own('servicenow-jwt'),
      tripletex: own('tripletex'),
      'sage-intacct-cc': own('sage-intacct-cc'),
      'veeva-vault-oauth': `${own('veeva-vault-oauth')}additional_steps:
  - token_url: API/veeva/auth/oauth/session/\${connectionConfig.oauthProfileId}
    token_params: { vaultDNS: "\${connectionConfig.subdomain}.veevavault.com", client_id: "\${credentials.clientId}" }
    token_headers: { authorization: "Bearer \${step1.access_token}" }
`,
    },
    { 'sage-intacct-cc': { clientId: 'app-id', clientSecret: 'app-secret' } },
  );
});
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('salesforce-cdp: the token of the organisation buys one of the tenant, whose host is kept', async () => {
  vendors.upstream.on('/salesforce-cdp/token', async (request, response) => {
    const options = { audience: 'https://login.salesforce.com', issuer: 'consumer-key', subject: 'ada@example.test', maxTokenAge: 180 };
    await jwtVerify(formOf(request).assertion ?? '', rsa.publicKey, { ...options, currentDate: vendors.now() });
    json(response, { access_token: 'org-token', instance_url: `${vendors.upstream.url}/org` });
  });
  vendors.upstream.on('/org/services/a360/token', (request, response) => {
    expect(formOf(request)).toEqual({
      grant_type: 'urn:salesforce:grant-type:external:cdp',
      subject_token: 'org-token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    json(response, { access_token: 'tenant-token', instance_url: 'tenant.c360a.salesforce.com', expires_in: 7200 });
  });
  guard(vendors.upstream, '/salesforce-cdp/api/v1/metadata', 'authorization', () => 'Bearer tenant-token');
  const body = { clientId: 'consumer-key', username: 'ada@example.test', privateKey: pem(rsa.privateKey) };
  const connection = await vendors.connected('TWO_STEP', 'salesforce-cdp', body);
  expect((await vendors.call('salesforce-cdp', connection, '/api/v1/metadata')).status).toBe(200);
  expect((await vendors.read('salesforce-cdp', connection)).body.connection_config).toEqual({
    instance_url: 'tenant.c360a.salesforce.com',
  });
});

test('servicenow-jwt: the assertion names its key, and none is sent twice', async () => {
  const seen = new Set<unknown>();
  vendors.upstream.on('/servicenow-jwt/token', async (request, response) => {
    const { assertion = '', client_secret: secret } = formOf(request);
    const options = { audience: 'client', issuer: 'client', subject: 'ada@example.test', currentDate: vendors.now() };
    const { payload, protectedHeader } = await jwtVerify(assertion, rsa.publicKey, options);
    expect([protectedHeader.kid, protectedHeader.typ, secret]).toEqual(['key-1', 'JWT', 's3cret']);
    seen.add(payload.jti);
    json(response, { access_token: `t-${request.index}`, expires_in: 1799 });
  });
  guard(vendors.upstream, '/servicenow-jwt/api/now/table/incident', 'authorization', () => 'Bearer t-1');
  const body = {
    clientId: 'client',
    clientSecret: 's3cret',
    keyId: 'key-1',
    privateKey: pem(rsa.privateKey),
    userIdentifier: 'ada@example.test',
  };
  const connection = await vendors.connected('TWO_STEP', 'servicenow-jwt', body, { hostname: 'acme.service-now.com' });
  vendors.platform.advance(3_600_000);
  expect((await vendors.call('servicenow-jwt', connection, '/api/now/table/incident')).status).toBe(200);
  expect(seen.size).toBe(2);
});

test('tripletex: a session of a week is asked for, and is the password of the company', async () => {
  vendors.upstream.on('/tripletex/token', (request, response) => {
    const week = new Date(vendors.now().getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
    expect(jsonOf(request)).toEqual({ consumerToken: 'consumer', employeeToken: 'employee', expirationDate: week });
    json(response, { value: { token: 'session-1', expirationDate: week } });
  });
  guard(vendors.upstream, '/tripletex/v2/employee', 'authorization', () => basic('7:session-1'));
  const body = { consumerToken: 'consumer', employeeToken: 'employee' };
  const connection = await vendors.connected('TWO_STEP', 'tripletex', body, { environment: 'tripletex.no', proxyCompanyId: '7' });
  expect((await vendors.call('tripletex', connection, '/v2/employee')).status).toBe(200);
});

test('sage-intacct-cc: the developer sets the app, and a person says only whom to act as', async () => {
  vendors.upstream.on('/sage-intacct-cc/token', (request, response) => {
    const { grant_type, ...form } = formOf(request);
    expect(form).toEqual({ client_id: 'app-id', client_secret: 'app-secret', username: 'integration@acme' });
    expect(grant_type).toBe('client_credentials');
    json(response, { access_token: 'intacct-1', expires_in: 43_200 });
  });
  guard(vendors.upstream, '/sage-intacct-cc/v1/objects', 'authorization', () => 'Bearer intacct-1');
  const connection = await vendors.connected('TWO_STEP', 'sage-intacct-cc', { username: 'integration@acme' });
  expect((await vendors.call('sage-intacct-cc', connection, '/v1/objects')).status).toBe(200);
});

test('veeva-vault-oauth: a token of the identity provider buys a session, which is sent bare', async () => {
  vendors.upstream.on('/veeva-vault-oauth/token', (request, response) => {
    expect(request.headers.authorization).toBe(basic('client:s3cret'));
    // No scope was entered, so none is sent.
    expect(formOf(request)).toEqual({ grant_type: 'client_credentials' });
    json(response, { access_token: 'idp-token', expires_in: 300 });
  });
  vendors.upstream.on('/veeva/auth/oauth/session/profile-1', (request, response) => {
    expect(request.headers.authorization).toBe('Bearer idp-token');
    expect(formOf(request)).toEqual({ vaultDNS: 'acme.veevavault.com', client_id: 'client' });
    json(response, { responseStatus: 'SUCCESS', sessionId: 'SESSION-1' });
  });
  guard(vendors.upstream, '/veeva-vault-oauth/v25.1/metadata', 'authorization', () => 'SESSION-1');
  const config = { tokenUrl: 'https://login.example.test/token', oauthProfileId: 'profile-1', subdomain: 'acme' };
  const connection = await vendors.connected('TWO_STEP', 'veeva-vault-oauth', { clientId: 'client', clientSecret: 's3cret' }, config);
  expect((await vendors.call('veeva-vault-oauth', connection, '/v25.1/metadata')).status).toBe(200);
});
