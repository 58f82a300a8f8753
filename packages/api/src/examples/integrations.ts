/** Examples of the catalogue, of integrations, and of what belongs to an environment or an account. */
import type { FunctionSummary, Integration } from '../integrations.ts';
import type { Provider } from '../providers.ts';
import type { Examples } from './example.ts';

export const moment = '2026-08-01T10:00:00.000Z';

const github: Provider = {
  name: 'github',
  display_name: 'GitHub',
  auth_mode: 'OAUTH2',
  categories: ['dev-tools', 'ticketing'],
  authorization_url: 'https://github.com/login/oauth/authorize',
  token_url: 'https://github.com/login/oauth/access_token',
  proxy: { base_url: 'https://api.github.com' },
  logo_url: 'https://bowline.example.com/images/template-logos/github.svg',
};
const acmeYaml = `# Our stock system, as its administrators describe it.
display_name: Acme ERP
categories: [erp]
docs: https://erp.acme.example/docs/api
auth_mode: API_KEY
credentials:
  apiKey:
    type: string
    title: API key
    description: Made in Acme ERP under Settings, API.
    secret: true
proxy:
  base_url: https://erp.acme.example/api
  headers:
    x-api-key: \${apiKey}
`;
const acme: Provider & { custom: true } = {
  name: 'acme-erp',
  display_name: 'Acme ERP',
  auth_mode: 'API_KEY',
  categories: ['erp'],
  docs: 'https://erp.acme.example/docs/api',
  credentials: {
    apiKey: {
      type: 'string',
      title: 'API key',
      description: 'Made in Acme ERP under Settings, API.',
      automated: false,
      secret: true,
      order: 100,
    },
  },
  proxy: { base_url: 'https://erp.acme.example/api', headers: { 'x-api-key': `\${apiKey}` } },
  logo_url: 'https://bowline.example.com/images/template-logos/acme-erp.svg',
  custom: true,
};
const integration: Integration = {
  unique_key: 'github',
  provider: 'github',
  display_name: 'GitHub',
  logo: github.logo_url,
  forward_webhooks: true,
  manage_subscriptions: false,
  created_at: moment,
  updated_at: moment,
};
const app = { type: 'OAUTH2', client_id: 'Iv1.8a61f9b3a7aba766', client_secret: 'the-client-secret', scopes: 'repo,read:user' } as const;
export const issueSchema = {
  definitions: {
    Issue: {
      type: 'object',
      properties: { id: { type: 'string' }, title: { type: 'string' } },
      required: ['id', 'title'],
    },
  },
};
export const syncFunction: FunctionSummary = {
  id: 12,
  name: 'issues',
  type: 'sync',
  description: 'Keeps the issues of all repositories.',
  scopes: ['repo'],
  enabled: true,
  version: '3',
  last_deployed: moment,
  source: 'repo',
  returns: ['Issue'],
  json_schema: issueSchema,
  runs: 'every 5 minutes',
  auto_start: true,
  track_deletes: false,
};

export const examplesOfIntegrations: Examples<'providers' | 'customProviders' | 'integrations' | 'environment' | 'account'> = {
  providers: { list: { answer: { data: [github] } }, get: { answer: { data: github } } },
  customProviders: {
    save: { body: { yaml: acmeYaml }, answer: { data: acme, created: true, used_by: [] } },
    source: { answer: { data: { yaml: acmeYaml, updated_at: moment } } },
    remove: { answer: { success: true } },
  },
  integrations: {
    list: { answer: { data: [integration] } },
    create: { body: { provider: 'github', unique_key: 'github', credentials: app }, answer: { data: integration } },
    quickstart: { body: { provider: 'github', unique_key: 'github' }, answer: { data: integration } },
    get: { answer: { data: { ...integration, credentials: { ...app, webhook_secret: null } } } },
    update: { body: { display_name: 'GitHub' }, answer: { data: integration } },
    remove: { answer: { success: true } },
    functions: { answer: { data: [syncFunction], pagination: { total: 1, page: 0, limit: 20 } } },
    functionCode: { answer: { type: 'sync', code: "import { createSync } from 'bowline';\n…" } },
    clientMetadata: {
      answer: {
        client_id: 'https://bowline.example.com/oauth/client-metadata/3f2504e0-4f89-41d3-9a0c-0305e82c3301/mcp',
        client_name: 'Your product',
        client_uri: 'https://your-product.example.com',
        redirect_uris: ['https://bowline.example.com/oauth/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
    },
    legacy: { answer: { config: { unique_key: 'github', provider: 'github', syncs: [], actions: [] } } },
  },
  environment: {
    current: {
      answer: {
        data: { name: 'prod', uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', is_production: true, scopes: ['environment:deploy'] },
      },
    },
    variables: { answer: [{ name: 'SUPPORT_CHANNEL', value: 'C024BE91L' }] },
    rotateSigningKey: {
      answer: {
        data: {
          webhook_signing_key: '5f9c2a1e-7d34-4b8a-9a55-0c1f8e2d6b70',
          webhook_secret: 'whsec_NWY5YzJhMWUtN2QzNC00YjhhLTlhNTUtMGMxZjhlMmQ2Yjcw',
        },
      },
    },
    health: { answer: { result: 'ok', version: '0.1.0', roles: ['api', 'worker', 'scheduler'] } },
    processes: {
      answer: {
        data: [
          {
            id: '5f9c2a1e',
            host: 'worker-7',
            pid: 31,
            roles: ['worker'],
            version: '0.1.0',
            state: 'alive',
            started_at: '2026-03-01T08:00:00.000Z',
            last_beat_at: '2026-03-01T09:30:05.000Z',
          },
        ],
      },
    },
    queue: {
      answer: {
        data: [
          { class: 'action', age_ms: null },
          { class: 'webhook', age_ms: 120 },
          { class: 'incremental', age_ms: 48_000 },
          { class: 'backfill', age_ms: 610_000 },
          { class: 'other', age_ms: null },
        ],
      },
    },
    ready: { answer: { result: 'ok' } },
  },
  account: {
    createEnvironment: { body: { name: 'staging' }, answer: { data: { id: 7, name: 'staging' } } },
    deleteEnvironment: {},
    createApiKey: {
      body: { environment_id: 7, display_name: 'backend' },
      answer: {
        data: {
          id: 31,
          display_name: 'backend',
          scopes: ['environment:*'],
          secret: 'c0ffee00-1234-4abc-8def-0123456789ab',
          created_at: moment,
        },
      },
    },
    deleteApiKey: { body: { environment_id: 7, key_id: 31 }, answer: { success: true } },
  },
};
