/** Examples of connections and of connecting. */
import { defaultAppearance } from '../appearance.ts';
import type { Connection, ConnectionSummary } from '../connections.ts';
import type { Examples } from './example.ts';

const made = '2026-08-01T10:00:00.000+00:00';
const summary: ConnectionSummary = {
  id: 42,
  connection_id: 'user-1',
  provider_config_key: 'github',
  provider: 'github',
  errors: [],
  end_user: { id: 'user-1', display_name: 'Ada Lovelace', email: 'ada@example.com', tags: null, organization: null },
  tags: { end_user_id: 'user-1', end_user_email: 'ada@example.com', end_user_display_name: 'Ada Lovelace' },
  metadata: { repository: 'octocat/hello-world' },
  created: made,
};
const { created: _, ...common } = summary;
const connection: Connection = {
  ...common,
  connection_config: {},
  webhook_url_override: null,
  created_at: made,
  updated_at: made,
  last_fetched_at: '2026-08-01T12:30:00.000+00:00',
  credentials: {
    type: 'OAUTH2',
    access_token: 'the-access-token',
    expires_at: '2026-08-01T18:00:00.000Z',
    raw: { access_token: 'the-access-token', token_type: 'bearer', expires_in: 28_800 },
  },
};
const metadata = { connection_id: 'user-1', provider_config_key: 'github', metadata: { repository: 'octocat/hello-world' } };
const several = { ...metadata, connection_id: ['user-1', 'user-2'] };
const list = { answer: { connections: [summary] } };
const done = { answer: { success: true } };

const session = {
  data: {
    token: `nango_connect_session_${'0123456789abcdef'.repeat(4)}`,
    connect_link: `https://bowline.example.com/connect/?session_token=nango_connect_session_${'0123456789abcdef'.repeat(4)}`,
    expires_at: '2026-08-01T10:30:00.000Z',
  },
};
const endUser = { id: 'user-1', email: 'ada@example.com', display_name: 'Ada Lovelace' };
const attempt = { id: '0d6c1a3e-6f0b-4b47-9d0e-5a1f3c9f2b11', providerConfigKey: 'github', expiresAt: '2026-08-01T11:00:00.000Z' };
const connected = { connectionId: '7d3f0a52-6c1b-4e9d-8a2f-5b0c9e1d4f63', providerConfigKey: 'github' };

export const examplesOfConnections: Examples<'connections' | 'connect'> = {
  connections: {
    list,
    listLegacy: list,
    import: {
      body: {
        provider_config_key: 'github',
        connection_id: 'user-1',
        credentials: {
          type: 'OAUTH2',
          access_token: 'the-access-token',
          refresh_token: 'the-refresh-token',
          expires_at: '2026-08-01T18:00:00.000Z',
        },
        end_user: endUser,
        metadata: { repository: 'octocat/hello-world' },
      },
      answer: { ...connection, last_fetched_at: null },
    },
    importLegacy: {
      body: { provider_config_key: 'github', connection_id: 'user-1', access_token: 'the-access-token', no_expiration: true },
      answer: { provider_config_key: 'github', connection_id: 'user-1', access_token: 'the-access-token', no_expiration: true },
    },
    setMetadata: { body: several, answer: several },
    setMetadataLegacy: { body: metadata, answer: metadata },
    updateMetadata: { body: metadata, answer: metadata },
    updateMetadataLegacy: { body: metadata, answer: metadata },
    setMetadataOfOneLegacy: { body: metadata.metadata, answer: metadata.metadata },
    updateMetadataOfOneLegacy: { body: metadata.metadata, answer: metadata.metadata },
    get: { answer: connection },
    getLegacy: { answer: connection },
    update: { body: { tags: { team: 'blue' }, webhook_url_override: 'https://app.example.com/webhooks' }, ...done },
    remove: done,
    removeLegacy: done,
  },
  connect: {
    createSession: { body: { end_user: endUser, allowed_integrations: ['github'] }, answer: session },
    reconnectSession: { body: { connection_id: 'user-1', integration_id: 'github' }, answer: session },
    getSession: {
      answer: {
        data: {
          endUser,
          connectUISettings: defaultAppearance,
          allowed_integrations: ['github'],
          websocketsPath: '/',
        },
      },
    },
    deleteSession: {},
    beginAttempt: {
      body: { providerConfigKey: 'github' },
      answer: { data: { ...attempt, status: 'waiting', startUrl: 'https://bowline.example.com/oauth/start/4f6c1d…' } },
    },
    getAttempt: { answer: { data: { ...attempt, status: 'done', connectionId: 'user-1', isPending: false } } },
    telemetry: { body: { token: session.data.token, event: 'open', timestamp: '2026-08-01T10:00:00.000Z' } },
    apiKey: { body: { apiKey: 'the-api-key' }, answer: { ...connected, providerConfigKey: 'stripe' } },
    outbound: { body: {}, answer: { ...connected, providerConfigKey: 'sentry-oauth', isPending: true } },
    basic: { body: { username: 'ada', password: 'the-password' }, answer: { ...connected, providerConfigKey: 'jira-basic' } },
    clientCredentials: {
      body: { client_id: 'the-client-id', client_secret: 'the-client-secret' },
      answer: { ...connected, providerConfigKey: 'zoom' },
    },
    twoStep: {
      body: { pat: 'reporting', secret: 'the-secret-of-the-token', contentUrl: 'marketing' },
      answer: { ...connected, providerConfigKey: 'tableau' },
    },
    jwt: { body: { privateKey: 'the-id:the-secret-of-the-key' }, answer: { ...connected, providerConfigKey: 'ghost-admin' } },
    signature: { body: { username: 'ada001', password: 'the-secret' }, answer: { ...connected, providerConfigKey: 'emarsys' } },
    bill: {
      body: {
        username: 'ada@example.com',
        password: 'the-password',
        organization_id: '00801ABCDEFGHIJKLMNO',
        dev_key: 'the-developer-key',
      },
      answer: { ...connected, providerConfigKey: 'bill' },
    },
    tba: {
      body: { token_id: 'the-token-id', token_secret: 'the-token-secret' },
      answer: { ...connected, providerConfigKey: 'netsuite-tba' },
    },
    awsSigV4: {
      body: { role_arn: 'arn:aws:iam::123456789012:role/connected-app', region: 'eu-central-1' },
      answer: { ...connected, providerConfigKey: 'aws' },
    },
    unauthenticated: { body: {}, answer: { ...connected, providerConfigKey: 'open-data' } },
  },
};
