import type { connect as contract } from '@bowline/api/connect';
import type { Route } from '@bowline/api/route';
import { pino } from 'pino';
import { connectPostgres } from '../../src/base/postgres.ts';
import { importConnection } from '../connections/fixture.ts';
import type { Case, Cases } from './case.ts';
import type { ContractWorld } from './world.ts';

const endUser = { id: 'u-1', email: 'ann@example.test' };
type Form = typeof contract.apiKey;
type FormRequest<Body> = {
  params: { providerConfigKey: string };
  query: { connect_session_token: string; params?: Record<string, unknown> };
  body: Body;
};
type Which = {
  /** An integration that connects this way and takes anything. */
  accepts: string;
  /** One whose provider refuses what it is given. */
  refuses: string;
  /** One that connects in another way. */
  other: string;
  params?: Record<string, string>;
};

/** The forms differ in their body and the integrations that take it. */
function form<Body>(body: Body, { accepts, refuses, other, params = {} }: Which) {
  const to =
    (providerConfigKey: string, more: object = {}) =>
    async ({ session }: ContractWorld): Promise<FormRequest<Body>> => ({
      params: { providerConfigKey },
      query: { connect_session_token: await session(more), params },
      body,
    });
  return {
    success: to(accepts),
    unknown_provider_config: to('none'),
    unknown_provider_template: to('gone'),
    invalid_auth_mode: to(other),
    integration_not_allowed: to(accepts, { allowed_integrations: [other] }),
    connection_test_failed: to(refuses),
    connection_validation_failed: async (world: ContractWorld) => to(await world.picky(accepts))(world),
    invalid_connection: async (world: ContractWorld): Promise<FormRequest<Body>> => ({
      params: { providerConfigKey: 'key' },
      query: { connect_session_token: await sessionOfDeleted(world) },
      body,
    }),
  } satisfies Record<'success' | Form['problems'][number], Case<Route>>;
}

/** What waits for its provider is validated when that completes it. */
function begun<Answers extends { connection_validation_failed: unknown }>({ connection_validation_failed: _, ...answers }: Answers) {
  return answers;
}

const toTwoStep =
  (providerConfigKey: string) =>
  async ({ session }: ContractWorld) => ({
    params: { providerConfigKey },
    query: { connect_session_token: await session() },
    body: { key: 'k' },
  });

/** A session that repairs a connection which was deleted meanwhile. */
async function sessionOfDeleted({ platform, fresh }: ContractWorld): Promise<string> {
  const id = fresh('deleted');
  await importConnection(platform, id);
  const { body } = await platform.call('POST', '/connect/sessions/reconnect', { connection_id: id, integration_id: 'key' });
  await platform.call('DELETE', `/connections/${id}?provider_config_key=key`);
  return body.data.token;
}

const begins =
  (providerConfigKey: string, more: object = {}) =>
  async ({ session }: ContractWorld) => ({ query: {}, body: { providerConfigKey }, token: await session(more) });

const toClient = (token: string, body: Record<string, string>) => ({
  params: { providerConfigKey: 'bare-cc' },
  query: { connect_session_token: token },
  body,
});

const opened = { event: 'open', timestamp: new Date() };

export const connect: Cases<typeof contract> = {
  createSession: { success: { query: {}, body: { end_user: endUser, allowed_integrations: ['key'] } } },
  reconnectSession: {
    success: { query: {}, body: { connection_id: 'c-1', integration_id: 'key' } },
    unknown_provider_config: { query: {}, body: { connection_id: 'c-1', integration_id: 'none' } },
    unknown_connection: { query: {}, body: { connection_id: 'none', integration_id: 'key' } },
  },
  getSession: {
    success: async ({ session }) => ({
      query: {},
      token: await session({
        organization: { id: 'o-1', display_name: 'Org' },
        allowed_integrations: ['oauth'],
        integrations_config_defaults: { oauth: { connection_config: { region: 'eu' }, authorization_params: { prompt: 'consent' } } },
        overrides: { oauth: { docs_connect: 'https://docs.example.test' } },
      }),
    }),
  },
  beginAttempt: {
    success: begins('oauth'),
    unknown_provider_config: begins('none'),
    unknown_provider_template: begins('gone'),
    invalid_auth_mode: begins('key'),
    integration_not_allowed: begins('oauth', { allowed_integrations: ['key'] }),
    invalid_connection: async (world) => ({ query: {}, body: { providerConfigKey: 'key' }, token: await sessionOfDeleted(world) }),
  },
  getAttempt: {
    success: async ({ platform, session }) => {
      const token = await session();
      const authorization = `Bearer ${token}`;
      const { body } = await platform.call('POST', '/connect/session/attempts', { providerConfigKey: 'oauth' }, { authorization });
      return { params: { attempt: body.data.id }, query: {}, token };
    },
    unknown_connect_attempt: async ({ platform, session }) => ({
      params: { attempt: platform.world.random.uuid() },
      query: {},
      token: await session(),
    }),
  },
  deleteSession: { success: async ({ session }) => ({ query: {}, token: await session() }) },
  telemetry: {
    success: async ({ session }) => ({ query: {}, body: { ...opened, token: await session() } }),
    missing_auth_header: { query: {}, body: opened },
    invalid_connect_session_token_format: { query: {}, body: { ...opened, token: 'short' } },
    unknown_connect_session_token: { query: {}, body: { ...opened, token: `nango_connect_session_${'0'.repeat(64)}` } },
    server_error: async ({ platform, session, beside }) => {
      const log = pino({ level: 'silent' }); // what is expected here is a failure anywhere else
      const { pool, db } = connectPostgres(platform.database.target, { max: 1, log });
      const request = { query: {}, body: { ...opened, token: await session() }, at: await beside({ db, log }) };
      await pool.end();
      return request;
    },
  },
  apiKey: form({ apiKey: 'k' }, { accepts: 'key', refuses: 'checked-key', other: 'basic' }),
  basic: form({ username: 'u', password: 'p' }, { accepts: 'basic', refuses: 'checked-basic', other: 'key' }),
  clientCredentials: {
    ...form({ client_id: 'c', client_secret: 's' }, { accepts: 'cc-open', refuses: 'cc', other: 'key' }),
    missing_client_id: async ({ session }) => toClient(await session(), { client_secret: 's' }),
    missing_client_secret: async ({ session }) => toClient(await session(), { client_id: 'c' }),
  },
  twoStep: {
    ...form({ key: 'k', type: 'TWO_STEP' }, { accepts: 'two-step', refuses: 'checked-two-step', other: 'key' }),
    invalid_two_step_credentials: toTwoStep('refused-two-step'),
    two_step_credentials_fetch_error: toTwoStep('broken-two-step'),
  },
  jwt: form({ key: 'k'.repeat(32), type: 'JWT' }, { accepts: 'jwt', refuses: 'checked-jwt', other: 'key' }),
  signature: form(
    { username: 'u', password: 'p', type: 'SIGNATURE' },
    { accepts: 'signature', refuses: 'checked-signature', other: 'key' },
  ),
  bill: form(
    { username: 'u', password: 'p', organization_id: '008', dev_key: 'd' },
    { accepts: 'own-bill', refuses: 'checked-bill', other: 'key' },
  ),
  tba: form(
    { token_id: 't', token_secret: 's', oauth_client_id_override: 'c', oauth_client_secret_override: 's' },
    { accepts: 'tba', refuses: 'checked-tba', other: 'key', params: { accountId: '12-sb1' } },
  ),
  awsSigV4: form({ role_arn: 'arn:aws:iam::123456789012:role/app' }, { accepts: 'aws', refuses: 'aws-refused', other: 'key' }),
  outbound: begun(form({}, { accepts: 'outbound', refuses: 'outbound-bare', other: 'key', params: { actor: '42' } })),
  unauthenticated: form({}, { accepts: 'open', refuses: 'checked-open', other: 'key' }),
};
