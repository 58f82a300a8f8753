/** The published browser client, run as it is: the bodies it sends for each of the modes that exchange what a person enters. */
import Frontend from '@nangohq/frontend';
import { beforeAll, expect, test } from 'vitest';
import { json } from '../upstream.ts';
import { pem, rsa, startVendors, type Vendors } from './vendors.ts';

let vendors: Vendors;
beforeAll(async () => {
  const own = (name: string, more = '') => `extends: ${name}\nproxy: { base_url: API, verification: null }\n${more}`;
  vendors = await startVendors({
    tableau: own('tableau', 'token_url: API/signin\n'),
    'netsuite-client-credentials': own('netsuite-client-credentials', 'token_url: API/token\n'),
    'ghost-admin': own('ghost-admin'),
    emarsys: own('emarsys'),
    bill: own('bill', 'token_url: API/login\n'),
  });
  vendors.upstream.on('/signin', (_request, response) => json(response, { credentials: { token: 't-1' } }));
  vendors.upstream.on('/token', (_request, response) => json(response, { access_token: 't-2', expires_in: 3600 }));
  vendors.upstream.on('/login', (_request, response) => json(response, { sessionId: 's-1', organizationId: '008', userId: '006' }));
});

const client = async () => {
  const { body } = await vendors.platform.call('POST', '/connect/sessions', { end_user: { id: 'u-1' } });
  return new Frontend({ host: vendors.platform.url, connectSessionToken: body.data.token });
};

const ghostKey = `${'5f'.repeat(12)}:${'8c'.repeat(32)}`;
const login = { username: 'ada', password: 'the password' };
test.each([
  [
    'tableau',
    { params: { hostname: 't.example.test' }, credentials: { type: 'TWO_STEP', pat: 'p', secret: 'secret-1', contentUrl: '' } },
    { type: 'TWO_STEP', token: 't-1', pat: 'p' },
  ],
  [
    'netsuite-client-credentials',
    {
      params: { accountId: '1234567' },
      credentials: {
        type: 'TWO_STEP',
        clientId: 'c',
        certificateId: 'k',
        assertionOption: { privateKey: pem(rsa.privateKey) },
      },
    },
    { type: 'TWO_STEP', token: 't-2', clientId: 'c' },
  ],
  ['ghost-admin', { params: { adminDomain: 'x.test' }, credentials: { type: 'JWT', privateKey: ghostKey } }, { type: 'JWT' }],
  ['emarsys', { params: {}, credentials: { type: 'SIGNATURE', ...login } }, { type: 'SIGNATURE', ...login }],
  [
    'bill',
    { params: {}, credentials: { type: 'BILL', username: 'ada@example.test', password: 'p', organization_id: '008', dev_key: 'd' } },
    { type: 'BILL', session_id: 's-1' },
  ],
])('%s connects with the published client', async (integration, options, credentials) => {
  const nango = await client();
  // Its types know the credentials of some modes only; what it sends is what is tested.
  const connected = await nango.auth(integration, options as Parameters<typeof nango.auth>[1] & object);
  expect(connected).toMatchObject({ providerConfigKey: integration });
  expect((await vendors.read(integration, connected.connectionId)).body.credentials).toMatchObject(credentials);
});
