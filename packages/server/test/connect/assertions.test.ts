/** TWO_STEP providers that want an assertion signed by a key the person entered: JWT and SAML. */
import { X509Certificate } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, test } from 'vitest';
import { SignedXml } from 'xml-crypto';
import { json } from '../upstream.ts';
import { formOf, guard, pem, rsa, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
beforeAll(async () => {
  const own = (name: string) => `extends: ${name}\ntoken_url: API/${name}/token\nproxy: { base_url: API/${name} }\n`;
  vendors = await startVendors({
    'microsoft-oauth2-cc-cert': own('microsoft-oauth2-cc-cert'),
    'netsuite-client-credentials': own('netsuite-client-credentials'),
    'sap-success-factors': own('sap-success-factors'),
  });
});
const failure = (status: number, code: string) => ({ status, body: { error: { code } } });
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const hourMs = 3_600_000;

test('microsoft-oauth2-cc-cert: a JWT names the certificate and is never used twice', async () => {
  const clientId = '11111111-2222-4333-8444-555555555555';
  const tenantId = '99999999-2222-4333-8444-555555555555';
  const thumbprint = Buffer.alloc(32, 7).toString('base64url');
  const seen = new Set<unknown>();
  vendors.upstream.on('/microsoft-oauth2-cc-cert/token', async (request, response) => {
    const { client_assertion = '', ...form } = formOf(request);
    expect(form).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      scope: 'https://graph.microsoft.com/.default',
      client_assertion_type: jwtBearer,
    });
    const audience = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
    const options = { audience, issuer: clientId, subject: clientId, algorithms: ['PS256'], currentDate: vendors.now() };
    const { payload, protectedHeader } = await jwtVerify(client_assertion, rsa.publicKey, options);
    expect(protectedHeader).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint });
    expect(payload.nbf).toBe(payload.iat);
    json(response, seen.has(payload.jti) ? { error: 'invalid_client' } : { access_token: `token-${request.index}`, expires_in: 3599 });
    seen.add(payload.jti);
  });
  const body = { clientId, certificateThumbprint: thumbprint, privateKey: pem(rsa.privateKey) };
  const connection = await vendors.connected('TWO_STEP', 'microsoft-oauth2-cc-cert', body, { tenantId });
  guard(vendors.upstream, '/microsoft-oauth2-cc-cert/users', 'authorization', () => 'Bearer token-1');
  vendors.platform.advance(hourMs);
  expect((await vendors.call('microsoft-oauth2-cc-cert', connection, '/users')).status).toBe(200);
  expect(seen.size).toBe(2);
});

describe('netsuite-client-credentials', () => {
  const params = { accountId: '1234567-sb1' };
  const body = { clientId: 'client-1', certificateId: 'cert-1' };
  const option = { assertionOption: { privateKey: pem(rsa.privateKey) } };
  beforeAll(() => {
    vendors.upstream.on('/netsuite-client-credentials/token', async (request, response) => {
      const { client_assertion = '' } = formOf(request);
      const audience = `https://${params.accountId}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token`;
      const { payload } = await jwtVerify(client_assertion, rsa.publicKey, { audience, issuer: 'client-1', currentDate: vendors.now() });
      expect(decodeProtectedHeader(client_assertion)).toEqual({ alg: 'PS256', typ: 'JWT', kid: 'cert-1' });
      expect(payload.scope).toEqual(['restlets', 'rest_webservices']);
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThan(3600);
      json(response, { access_token: `token-${request.index}`, expires_in: '3600', token_type: 'bearer' });
    });
  });

  test('lives on after its assertion has ended, with the key that was entered once', async () => {
    const connection = await vendors.connected('TWO_STEP', 'netsuite-client-credentials', { ...body, ...option }, params);
    guard(vendors.upstream, '/netsuite-client-credentials/record', 'authorization', () => 'Bearer token-1');
    vendors.platform.advance(2 * hourMs);
    expect((await vendors.call('netsuite-client-credentials', connection, '/record')).status).toBe(200);
  });

  test('shows the key and the assertion to nobody', async () => {
    const connection = await vendors.connected('TWO_STEP', 'netsuite-client-credentials', { ...body, ...option }, params);
    const { credentials } = (await vendors.read('netsuite-client-credentials', connection)).body;
    expect(Object.keys(credentials).sort()).toEqual(['certificateId', 'clientId', 'expires_at', 'raw', 'token', 'type']);
    const member = await vendors.platform.member();
    const seen = await member('GET', `/api/connections/${connection}?provider_config_key=netsuite-client-credentials`);
    expect(JSON.stringify(seen.body)).not.toContain('PRIVATE KEY');
  });

  test('without the key asks for it', async () => {
    const answer = await vendors.connect('TWO_STEP', 'netsuite-client-credentials', body, params);
    expect(answer).toMatchObject(failure(400, 'invalid_body'));
    expect(answer.body.error.message).toBe('Private key is required');
  });
});

describe('sap-success-factors', () => {
  let certificate: string;
  let key: string;
  const params = { apiServer: 'api4.successfactors.com', companyId: 'acme' };
  beforeAll(async () => {
    const made = await generate([{ name: 'commonName', value: 'client' }], { keySize: 2048, algorithm: 'sha256' });
    certificate = made.cert;
    key = made.private;
    vendors.upstream.on('/sap-success-factors/token', (request, response) => {
      const { assertion = '', ...form } = formOf(request);
      expect(form).toEqual({
        grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
        company_id: 'acme',
        client_id: 'api-key-1',
        new_token: 'true',
      });
      const signed = verified(Buffer.from(assertion, 'base64').toString(), certificate);
      const said = signed === undefined ? undefined : describeAssertion(signed);
      const now = vendors.now().toISOString();
      const fresh = said !== undefined && said.notBefore <= now && now < said.notOnOrAfter;
      if (!fresh)
        return json(response, { error: 'invalid_grant', errorMessage: 'Unable to verify the signature of the SAML assertion' }, 401);
      json(response, { access_token: `token-${request.index}`, expires_in: 3600, said });
    });
  });

  test('a signed SAML assertion names issuer, audience, recipient, user and API key, and is made anew for each token', async () => {
    const asked = { apiKey: 'api-key-1', assertionOption: { userName: 'sfadmin', privateKey: key, certificate } };
    const connection = await vendors.connected('TWO_STEP', 'sap-success-factors', asked, params);
    const { said } = (await vendors.read('sap-success-factors', connection)).body.credentials.raw;
    expect(said).toMatchObject({
      issuer: 'api-key-1',
      subject: 'sfadmin',
      audience: 'www.successfactors.com',
      recipient: 'https://api4.successfactors.com/oauth/token',
      attributes: { api_key: 'api-key-1' },
    });
    guard(vendors.upstream, '/sap-success-factors/odata/v2/User', 'authorization', () => 'Bearer token-1');
    vendors.platform.advance(hourMs);
    expect((await vendors.call('sap-success-factors', connection, '/odata/v2/User')).status).toBe(200);
  });

  test('one signed by another key is refused, with the reason', async () => {
    const option = { userName: 'sfadmin', privateKey: pem(rsa.privateKey) };
    const answer = await vendors.connect('TWO_STEP', 'sap-success-factors', { apiKey: 'api-key-1', assertionOption: option }, params);
    expect(answer).toMatchObject(failure(400, 'invalid_two_step_credentials'));
    expect(answer.body.error.message).toContain('Unable to verify the signature');
  });

  test('a user name cannot write XML', async () => {
    const userId = '</saml:NameID><saml:Evil a="1">&x;';
    const asked = { apiKey: 'api-key-1', assertionOption: { userName: userId, privateKey: key } };
    const connection = await vendors.connected('TWO_STEP', 'sap-success-factors', asked, params);
    expect((await vendors.read('sap-success-factors', connection)).body.credentials.raw.said.subject).toBe(userId);
  });
});

/** The assertion as its signature covers it, or undefined when it does not hold. */
function verified(xml: string, certificate: string): string | undefined {
  const signature = new DOMParser()
    .parseFromString(xml, 'text/xml')
    .getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature')[0];
  const check = new SignedXml({ publicCert: new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }) });
  check.loadSignature(String(signature));
  try {
    return check.checkSignature(xml) ? check.getSignedReferences()[0] : undefined;
  } catch {
    return undefined;
  }
}

function describeAssertion(xml: string) {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const saml = 'urn:oasis:names:tc:SAML:2.0:assertion';
  const find = (name: string) => document.getElementsByTagNameNS(saml, name)[0];
  const conditions = find('Conditions');
  return {
    issuer: find('Issuer')?.textContent,
    subject: find('NameID')?.textContent,
    audience: find('Audience')?.textContent,
    recipient: find('SubjectConfirmationData')?.getAttribute('Recipient'),
    notBefore: conditions?.getAttribute('NotBefore') ?? '',
    notOnOrAfter: conditions?.getAttribute('NotOnOrAfter') ?? '',
    attributes: { [find('Attribute')?.getAttribute('Name') ?? '']: find('AttributeValue')?.textContent },
  };
}
