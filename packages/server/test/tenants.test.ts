/**
 * Two environments that hold the same names, and one that holds more. Every public route is called with the key of one for things that
 * only the other has: the answer must be, to the byte, that for things which never existed, and nothing of the other may change.
 * The table below is total over the contract: a route added there does not compile here until it says how it is asked.
 */
import type { Route, Sent } from '@bowline/api/route';
import { publicRoutes } from '@bowline/api/routes';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { many, only, run } from '../src/base/database.ts';
import { createApiKey } from '../src/environments/create-api-key.ts';
import { createIntegrations, importConnection } from './connections/fixture.ts';
import { deploy, flowOf, recordsOf, settled } from './functions.ts';
import { type Answer, eventually, type Json, type Platform, startPlatform } from './platform.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

/** In everything the first environment holds, so that no answer to the second may contain it. */
const MARK = 'of-the-first-alone';

/** What a probe names. `made…`: things the probe makes. */
type Names = {
  readonly integration: string;
  readonly connection: string;
  readonly action: string;
  readonly sync: string;
  readonly variant: string;
  readonly endUser: string;
  readonly actionId: string;
  readonly deploymentId: string;
  readonly deploymentNumber: number;
  readonly dryRunId: string;
  readonly attempt: string;
  readonly operation: string;
  readonly capture: number;
  readonly endpoint: string;
  readonly delivery: string;
  readonly subscription: string;
  readonly environmentId: number;
  readonly keyId: number;
  readonly provider: string;
  readonly madeProvider: string;
  readonly madeIntegration: string;
  readonly madeConnection: string;
  readonly madeVariant: string;
  readonly madeFunction: string;
  readonly madeEnvironment: string;
};
/** In both environments. `actionId`, `operation`, `environmentId` and `keyId` are of the second, and set when they are known. */
const shared = {
  integration: 'key',
  connection: 'c-1',
  action: 'echo',
  sync: 'items',
  variant: 'eu',
  endUser: 'user-1',
  actionId: '',
  deploymentId: '',
  deploymentNumber: 1,
  dryRunId: '',
  attempt: '3f2504e0-4f89-41d3-9a0c-0305e82c3305',
  operation: '',
  capture: 0,
  endpoint: '',
  delivery: '',
  subscription: '',
  environmentId: 0,
  keyId: 0,
  provider: 'own-api',
  madeProvider: 'made-p-twice',
  madeIntegration: 'made-i-twice',
  madeConnection: 'made-c-twice',
  madeVariant: 'made-v-twice',
  madeFunction: 'made-f-twice',
  madeEnvironment: 'made-e-twice',
};
/** Never anywhere. */
const never: Names = {
  integration: 'never-integration',
  connection: 'never-connection',
  action: 'never-action',
  sync: 'never-sync',
  variant: 'never-variant',
  endUser: 'never-user',
  actionId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  deploymentId: '3f2504e0-4f89-41d3-9a0c-0305e82c3302',
  deploymentNumber: 1_999_998,
  dryRunId: '3f2504e0-4f89-41d3-9a0c-0305e82c3303',
  attempt: '3f2504e0-4f89-41d3-9a0c-0305e82c3304',
  operation: '3f2504e0-4f89-71d3-9a0c-0305e82c3306',
  capture: 1_999_997,
  endpoint: '3f2504e0-4f89-41d3-9a0c-0305e82c3307',
  delivery: '3f2504e0-4f89-41d3-9a0c-0305e82c3308',
  subscription: '3f2504e0-4f89-41d3-9a0c-0305e82c3309',
  environmentId: 1_999_999,
  keyId: 2_999_999,
  provider: 'never-provider',
  madeProvider: 'never-made-p',
  madeIntegration: 'never-made-i',
  madeConnection: 'never-made-c',
  madeVariant: 'never-made-v',
  madeFunction: 'never-made-f',
  madeEnvironment: 'never-made-e',
};
/** Of the first environment alone: by the names it gave, and by the numbers and UUIDs of its rows. */
const foreign: Record<'names' | 'row ids', Names> = {
  names: {
    ...never,
    integration: 'first-integration',
    connection: 'first-connection',
    action: 'first-action',
    sync: 'first-sync',
    variant: 'first-variant',
    endUser: 'first-user',
    provider: 'first-provider',
    madeProvider: 'first-made-p',
    madeIntegration: 'first-made-i',
    madeConnection: 'first-made-c',
    madeVariant: 'first-made-v',
    madeFunction: 'first-made-f',
    madeEnvironment: 'first-made-e',
  },
  'row ids': never,
};

type Probe<R extends Route> = (names: Names) => Sent<R>;
/** `destroys`: goes last, so that the others still find in the second environment what it takes away there. */
type Case<R extends Route> = { readonly probes: readonly Probe<R>[]; readonly destroys?: true };
type Contract = typeof publicRoutes;
type Table = { readonly [G in keyof Contract]: { readonly [N in keyof Contract[G]]: Case<Contract[G][N] & Route> } };

/** The connection alone is foreign, the integration alone, and both. */
const either =
  <T>(make: (connection: string, integration: string, names: Names) => T) =>
  (): ((names: Names) => T)[] => [
    (names) => make(names.connection, shared.integration, names),
    (names) => make(shared.connection, names.integration, names),
    (names) => make(names.connection, names.integration, names),
  ];
const byPath = either((connectionId, provider_config_key) => ({ params: { connectionId }, query: { provider_config_key } }));
const metadata = either((connection_id, provider_config_key) => ({
  query: {},
  body: { connection_id, provider_config_key, metadata: { touched: true } },
}));
const metadataOfOne = either((connectionId, provider_config_key) => ({
  params: { connectionId },
  query: { provider_config_key },
  headers: {},
  body: { touched: true },
}));
const byHeaders = (connection: string, integration: string) => ({ 'connection-id': connection, 'provider-config-key': integration });
const switching = (sync: (names: Names) => string) =>
  either((connection_id, provider_config_key, names) => ({
    query: {},
    body: { syncs: [sync(names)], provider_config_key, connection_id },
  }));
const ownSync = switching(() => shared.sync);
const variantOf = (name: string, variant: string, where: { connection: string; integration: string }) => ({
  params: { name, variant },
  query: {},
  body: { provider_config_key: where.integration, connection_id: where.connection },
});
const deployment = (fn: string, integration: string) => ({
  flowConfigs: [flowOf({ name: fn, integration, exec: 'return' })],
  reconcile: false,
  debug: false,
  deployMode: 'single' as const,
});
const namedFunction = <T>(make: (params: { uniqueKey: string; name: string }) => T) => [
  ({ sync }: Names) => make({ uniqueKey: shared.integration, name: sync }),
  ({ integration }: Names) => make({ uniqueKey: integration, name: shared.sync }),
];
const invocation = (over: object) => ({
  query: {},
  body: {
    connection_id: shared.connection,
    integration_id: shared.integration,
    name: shared.action,
    invocation_type: 'wait' as const,
    ...over,
  },
});
const message = (method: string, params: Record<string, unknown>) => ({ jsonrpc: '2.0' as const, id: 1, method, params });
const sourced = (integration_id: string) => ({ integration_id, function_type: 'action' as const, code: 'export default 1;' });
const bundled = (integrationId: string, name: string) => ({
  name,
  integrationId,
  description: 'One of a bundle',
  trigger: { kind: 'none' as const },
  requires: {},
  capabilities: { usesRecords: false, usesOutbound: false, usesCheckpoints: false, usesMetadata: false, usesInvoke: false },
  limits: {},
  input_schema_ref: null,
  output_schema_ref: null,
  model_schema_refs: [],
  metadata_schema_ref: null,
  checkpoint_schema_ref: null,
  json_schema: {},
  fileBody: { js: 'exports.default = {}', ts: '1' },
});
const bundles = [
  ({ integration }: Names) => ({
    query: {},
    body: { reconciliationScope: { kind: 'environment' as const }, functions: [bundled(integration, 'any')] },
  }),
  ({ integration }: Names) => ({
    query: {},
    body: { reconciliationScope: { kind: 'integration' as const, integrationId: integration }, functions: [] },
  }),
];
/** Not to be deployed: each would delete what the one before it made. */
const bundleOfMade = ({ madeFunction }: Names) => ({
  query: {},
  body: { reconciliationScope: { kind: 'environment' as const }, functions: [bundled(shared.integration, madeFunction)] },
});
const endpointOf = <T>(make: (params: { id: string }) => T) => [({ endpoint }: Names) => make({ id: endpoint })];
const listQueries = [
  () => ({ query: {} }),
  ({ connection }: Names) => ({ query: { connectionId: connection } }),
  ({ integration }: Names) => ({ query: { integrationId: integration } }),
  ({ endUser }: Names) => ({ query: { endUserId: endUser } }),
  ({ connection }: Names) => ({ query: { search: connection } }),
];
const listed: Case<Contract['connections']['list']> = { probes: listQueries };
const form =
  <B extends object>(body: B) =>
  ({ integration }: Names) => ({ params: { providerConfigKey: integration }, query: {}, body });

const ownApi = (name: string) =>
  `display_name: ${name}\nauth_mode: NONE\ncategories: [other]\ndocs: https://example.test\nproxy: { base_url: https://example.test }\n`;

/** Public: the address names the environment itself. */
const NOWHERE = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

const table: Table = {
  providers: {
    list: { probes: [() => ({ query: {} })] },
    get: {
      probes: [
        ({ integration }) => ({ params: { provider: integration }, query: {} }),
        ({ provider }) => ({ params: { provider }, query: {} }),
      ],
    },
  },
  customProviders: {
    save: {
      probes: [
        ({ madeProvider }) => ({ params: { provider: madeProvider }, query: {}, body: { yaml: ownApi('second') } }),
        ({ madeProvider, provider }) => ({
          params: { provider: `${madeProvider}-heir` },
          query: {},
          body: { yaml: `extends: ${provider}` },
        }),
      ],
    },
    source: { probes: [({ provider }) => ({ params: { provider }, query: {} })] },
    remove: { probes: [({ provider }) => ({ params: { provider }, query: {} })], destroys: true },
  },
  integrations: {
    list: { probes: [() => ({ query: {} })] },
    create: {
      probes: [
        ({ madeIntegration }) => ({ query: {}, body: { provider: 'unauthenticated', unique_key: madeIntegration } }),
        ({ provider }) => ({ query: {}, body: { provider, unique_key: 'of-a-foreign-provider' } }),
      ],
    },
    quickstart: { probes: [({ madeIntegration }) => ({ query: {}, body: { provider: 'github', unique_key: madeIntegration } })] },
    get: { probes: [({ integration }) => ({ params: { uniqueKey: integration }, query: { include: ['credentials', 'webhook'] } })] },
    update: {
      probes: [
        ({ integration }) => ({ params: { uniqueKey: integration }, query: {}, body: { display_name: 'Changed' } }),
        ({ integration }) => ({ params: { uniqueKey: integration }, query: {}, body: { unique_key: 'open' } }),
      ],
    },
    remove: { probes: [({ integration }) => ({ params: { uniqueKey: integration }, query: {} })], destroys: true },
    functions: { probes: [({ integration }) => ({ params: { uniqueKey: integration }, query: {} })] },
    functionCode: {
      probes: [
        ({ action }) => ({ params: { uniqueKey: shared.integration, name: action }, query: {} }),
        ({ integration, action }) => ({ params: { uniqueKey: integration, name: action }, query: {} }),
        ({ integration }) => ({ params: { uniqueKey: integration, name: shared.action }, query: {} }),
      ],
    },
    clientMetadata: {
      probes: [({ integration }) => ({ params: { environmentUuid: NOWHERE, providerConfigKey: integration }, query: {} })],
    },
    legacy: { probes: [({ integration }) => ({ params: { providerConfigKey: integration }, query: { include_creds: 'true' } })] },
  },
  connections: {
    list: listed,
    listLegacy: listed,
    import: {
      probes: [
        ({ integration, connection }) => ({
          query: {},
          body: { provider_config_key: integration, connection_id: connection, credentials: { type: 'API_KEY', apiKey: 'new' } },
        }),
        ({ madeConnection }) => ({
          query: {},
          body: { provider_config_key: shared.integration, connection_id: madeConnection, credentials: { type: 'API_KEY', apiKey: 'new' } },
        }),
      ],
    },
    importLegacy: {
      probes: [
        ({ integration, connection }) => ({
          query: {},
          body: { provider_config_key: integration, connection_id: connection, api_key: 'new' },
        }),
        ({ madeConnection }) => ({
          query: {},
          body: { provider_config_key: shared.integration, connection_id: `${madeConnection}-flat`, api_key: 'new' },
        }),
      ],
    },
    setMetadataOfOneLegacy: { probes: metadataOfOne() },
    updateMetadataOfOneLegacy: { probes: metadataOfOne() },
    setMetadata: { probes: metadata() },
    setMetadataLegacy: { probes: metadata() },
    updateMetadata: { probes: metadata() },
    updateMetadataLegacy: { probes: metadata() },
    get: { probes: byPath() },
    getLegacy: { probes: byPath() },
    update: { probes: byPath().map((probe) => (names) => ({ ...probe(names), body: { tags: { touched: 'yes' } } })) },
    remove: { probes: byPath(), destroys: true },
    removeLegacy: { probes: byPath(), destroys: true },
  },
  connect: {
    createSession: {
      probes: [
        ({ endUser }) => ({ query: {}, body: { end_user: { id: endUser } } }),
        ({ integration }) => ({ query: {}, body: { end_user: { id: 'u' }, allowed_integrations: [integration] } }),
        ({ integration }) => ({ query: {}, body: { end_user: { id: 'u' }, integrations_config_defaults: { [integration]: {} } } }),
      ],
    },
    reconnectSession: {
      probes: either((connection_id, integration_id) => ({ query: {}, body: { connection_id, integration_id } }))(),
    },
    telemetry: {
      probes: [
        ({ integration }) => ({
          query: {},
          body: { token: sessionToken, event: 'open', timestamp: new Date(), dimensions: { integration } },
        }),
      ],
    },
    getSession: { probes: [() => ({ query: {} })] },
    deleteSession: { probes: [() => ({ query: {} })], destroys: true },
    beginAttempt: { probes: [({ integration }) => ({ query: {}, body: { providerConfigKey: integration } })] },
    getAttempt: { probes: [({ attempt }) => ({ params: { attempt }, query: {} })] },
    apiKey: { probes: [form({ apiKey: 'k' })] },
    basic: { probes: [form({ username: 'u', password: 'p' })] },
    clientCredentials: { probes: [form({ client_id: 'i', client_secret: 's' })] },
    twoStep: { probes: [form({ key: 'k' })] },
    jwt: { probes: [form({ key: 'k' })] },
    signature: { probes: [form({ username: 'u', password: 'p' })] },
    bill: { probes: [form({ username: 'u', password: 'p', organization_id: '008', dev_key: 'd' })] },
    tba: { probes: [form({ token_id: 'i', token_secret: 's' })] },
    awsSigV4: { probes: [form({ role_arn: 'arn:aws:iam::1:role/r' })] },
    outbound: { probes: [form({})] },
    unauthenticated: { probes: [form({})] },
  },
  records: {
    list: {
      probes: either((connection, integration) => ({ headers: byHeaders(connection, integration), query: { model: 'Item' } }))(),
    },
    prune: {
      probes: either((connection, integration) => ({
        headers: byHeaders(connection, integration),
        query: {},
        body: { model: 'Item', until_cursor: Buffer.from('1:1').toString('base64') },
      }))(),
    },
  },
  recordHistory: {
    versions: {
      probes: either((connection, integration) => ({ headers: byHeaders(connection, integration), query: { model: 'Item', id: '1' } }))(),
    },
    settings: { probes: [() => ({ query: {} })] },
    updateSettings: { probes: [() => ({ query: {}, body: { models: [{ model: 'Item', keep_days: 3 }] } })] },
  },
  syncLimits: {
    get: { probes: either((connection_id, provider_config_key) => ({ query: { provider_config_key, connection_id } }))() },
    update: {
      probes: either((connection_id, provider_config_key) => ({
        query: {},
        body: { provider_config_key, connection_id, integration: { runs_max: 900 }, connection: { runs_max: 900 } },
      }))(),
    },
  },
  syncs: {
    heldDeletions: { probes: either((connection_id, provider_config_key) => ({ query: { provider_config_key, connection_id } }))() },
    approveDeletions: {
      probes: either((connection_id, provider_config_key) => ({
        query: {},
        body: { provider_config_key, connection_id, model: 'Item' },
      }))(),
    },
    discardDeletions: {
      probes: either((connection_id, provider_config_key) => ({
        query: {},
        body: { provider_config_key, connection_id, model: 'Item' },
      }))(),
    },
    trigger: {
      probes: [
        ...either((connection_id, provider_config_key) => ({
          headers: {},
          query: {},
          body: { syncs: [shared.sync], provider_config_key, connection_id, opts: { reset: true, emptyCache: true } },
        }))(),
        ({ sync }) => ({ headers: byHeaders(shared.connection, shared.integration), query: {}, body: { syncs: [sync] } }),
        ({ integration }) => ({ headers: {}, query: {}, body: { syncs: [], provider_config_key: integration } }),
      ],
    },
    pause: { probes: [...ownSync(), ...switching(({ sync }) => sync)()] },
    start: { probes: [...ownSync(), ...switching(({ sync }) => sync)()] },
    status: {
      probes: either((connection_id, provider_config_key) => ({ query: { syncs: '*', provider_config_key, connection_id } }))(),
    },
    frequency: {
      probes: [
        ...either((connection_id, provider_config_key) => ({
          query: {},
          body: { sync_name: shared.sync, provider_config_key, connection_id, frequency: 'every 2 hours' },
        }))(),
        ({ sync }) => ({
          query: {},
          body: { sync_name: sync, provider_config_key: shared.integration, connection_id: shared.connection, frequency: null },
        }),
      ],
    },
    createVariant: {
      probes: [
        ({ madeVariant }) => variantOf(shared.sync, madeVariant, shared),
        ({ sync, variant }) => variantOf(sync, variant, shared),
        (names) => variantOf(shared.sync, 'any', names),
      ],
    },
    deleteVariant: {
      probes: [
        ({ variant }) => variantOf(shared.sync, variant, shared),
        ({ sync }) => variantOf(sync, shared.variant, shared),
        (names) => variantOf(shared.sync, shared.variant, names),
      ],
      destroys: true,
    },
  },
  actions: {
    trigger: {
      probes: [
        ...either((connection, integration) => ({
          headers: byHeaders(connection, integration),
          query: {},
          body: { action_name: shared.action },
        }))(),
        ({ action }) => ({ headers: byHeaders(shared.connection, shared.integration), query: {}, body: { action_name: action } }),
        ({ action, connection, integration }) => ({
          headers: { ...byHeaders(connection, integration), 'x-async': 'true' },
          query: {},
          body: { action_name: action },
        }),
      ],
    },
    result: { probes: [({ actionId }) => ({ params: { id: actionId } })] },
  },
  deploy: {
    confirm: {
      probes: [
        ({ integration }) => ({ query: {}, body: deployment('any', integration) }),
        ({ madeFunction }) => ({
          query: {},
          body: { ...deployment(madeFunction, shared.integration), deployMode: 'all', reconcile: true },
        }),
      ],
    },
    deploy: {
      probes: [
        ({ integration }) => ({ query: {}, body: { ...deployment('any', integration), nangoYamlBody: '' } }),
        ({ madeFunction }) => ({ query: {}, body: { ...deployment(madeFunction, shared.integration), nangoYamlBody: '' } }),
      ],
    },
    internal: { probes: [() => ({})] },
    telemetry: { probes: [({ actionId }) => ({ query: {}, body: { deviceId: actionId, event: 'deploy' } })] },
  },
  functions: {
    get: { probes: namedFunction((params) => ({ params, query: {} })) },
    remove: { probes: namedFunction((params) => ({ params, query: { type: 'sync' } })) },
    compile: { probes: [() => ({ query: {}, body: { code: 'export default 1;' } })] },
    scripts: { probes: [() => ({ query: {} }), () => ({ query: { format: 'openai' } })] },
  },
  invocations: {
    invoke: {
      probes: [
        ...either((connection_id, integration_id) => invocation({ connection_id, integration_id }))(),
        ({ action }) => invocation({ name: action }),
        ({ connection, integration }) => invocation({ connection_id: connection, integration_id: integration, invocation_type: 'no_wait' }),
      ],
    },
  },
  mcp: {
    call: {
      probes: [
        ...either((connection, integration) => ({ headers: byHeaders(connection, integration), body: message('tools/list', {}) }))(),
        ({ action }) => ({
          headers: byHeaders(shared.connection, shared.integration),
          body: message('tools/call', { name: action, arguments: {} }),
        }),
      ],
    },
  },
  deployments: {
    templates: { probes: [({ integration }) => ({ params: { provider: integration }, query: {} })] },
    start: {
      probes: [
        ({ integration }) => ({ query: {}, body: { ...sourced(integration), type: 'function', function_name: 'any' } }),
        ({ madeFunction }) => ({ query: {}, body: { ...sourced(shared.integration), type: 'function', function_name: madeFunction } }),
        ({ integration }) => ({ query: {}, body: { type: 'template', integration_id: integration, template: 'any' } }),
      ],
    },
    get: { probes: [({ deploymentId }) => ({ params: { id: deploymentId }, query: {} })] },
    result: { probes: [({ deploymentId }) => ({ params: { id: deploymentId }, query: {} })] },
  },
  webhooks: {
    stream: {
      probes: [
        ({ integration }) => ({ query: { integration: [integration] }, headers: {} }),
        () => ({ query: { after: '0' }, headers: {} }),
      ],
    },
  },
  webhookEndpoints: {
    list: { probes: [() => ({ query: {} })] },
    create: {
      probes: [({ integration }) => ({ query: {}, body: { url: 'https://203.0.114.7/', integrations: [integration], enabled: false } })],
    },
    get: { probes: endpointOf((params) => ({ params, query: {} })) },
    update: { probes: endpointOf((params) => ({ params, query: {}, body: { description: 'Changed' } })) },
    remove: { probes: endpointOf((params) => ({ params, query: {} })), destroys: true },
    secret: { probes: endpointOf((params) => ({ params, query: {} })) },
    rotateSecret: { probes: endpointOf((params) => ({ params, query: {} })) },
    resume: { probes: endpointOf((params) => ({ params, query: {} })) },
    test: { probes: endpointOf((params) => ({ params, query: {} })) },
  },
  webhookDeliveries: {
    list: {
      probes: [
        () => ({ query: {} }),
        ({ endpoint }) => ({ query: { endpoint } }),
        ({ connection }) => ({ query: { connection } }),
        ({ integration }) => ({ query: { integration } }),
      ],
    },
    count: {
      probes: [() => ({ query: {} }), ({ endpoint }) => ({ query: { endpoint } }), ({ connection }) => ({ query: { connection } })],
    },
    get: { probes: [({ delivery }) => ({ params: { id: delivery }, query: {} })] },
    redeliver: { probes: [({ delivery }) => ({ params: { id: delivery }, query: {} })] },
    redeliverMany: {
      probes: [
        ({ delivery }) => ({ query: {}, body: { ids: [delivery] } }),
        ({ endpoint }) => ({ query: {}, body: { endpoint } }),
        () => ({ query: {}, body: { state: 'delivered' as const } }),
      ],
    },
  },
  events: {
    list: { probes: [() => ({ query: { types: ['action.*'] }, headers: {} }), () => ({ query: { cursor: 'now' as const }, headers: {} })] },
  },
  bundles: { deploy: { probes: bundles }, preview: { probes: [...bundles, bundleOfMade] } },
  history: {
    deployments: { probes: [() => ({ query: {} })] },
    deployment: { probes: [({ deploymentNumber }) => ({ params: { number: deploymentNumber }, query: {} })] },
    previewRollBack: { probes: [({ deploymentNumber }) => ({ params: { number: deploymentNumber }, query: {} })] },
    rollBack: { probes: [({ deploymentNumber }) => ({ params: { number: deploymentNumber }, query: {} })], destroys: true },
    versions: { probes: namedFunction((params) => ({ params, query: {} })) },
    previewRollBackFunction: { probes: namedFunction((params) => ({ params, query: {}, body: { version: 1 } })) },
    rollBackFunction: { probes: namedFunction((params) => ({ params, query: {}, body: { version: 1 } })) },
  },
  dryRuns: {
    start: {
      probes: either((connection_id, integration) => ({ query: {}, body: { ...sourced(integration), connection_id } }))(),
    },
    get: { probes: [({ dryRunId }) => ({ params: { id: dryRunId }, query: {} })] },
    result: { probes: [({ dryRunId }) => ({ params: { id: dryRunId }, query: {} })] },
  },
  logs: {
    operations: {
      probes: [
        () => ({ query: { type: 'sync' } }),
        ({ integration }) => ({ query: { integration } }),
        ({ connection }) => ({ query: { connection } }),
        ({ action }) => ({ query: { function: action } }),
        ({ connection }) => ({ query: { search: connection } }),
      ],
    },
    operation: { probes: [({ operation }) => ({ params: { id: operation }, query: {} })] },
    messages: {
      probes: [({ operation }) => ({ query: { operation } }), ({ operation }) => ({ query: { operation: [operation, shared.operation] } })],
    },
  },
  subscriptions: {
    list: {
      probes: [({ integration, connection }) => ({ query: { provider_config_key: integration, connection_id: connection } })],
    },
    renew: { probes: [({ subscription }) => ({ params: { id: subscription }, query: {} })] },
  },
  captures: {
    list: { probes: [() => ({ query: {} }), ({ operation }) => ({ query: { run: operation } })] },
    get: { probes: [({ capture }) => ({ params: { id: String(capture) }, query: {} })] },
    code: { probes: [({ capture }) => ({ params: { id: String(capture) }, query: {} })] },
    delete: { probes: [({ capture }) => ({ params: { id: String(capture) }, query: {} })], destroys: true },
    settings: { probes: [() => ({ query: {} })] },
    updateSettings: {
      probes: [
        ({ integration, sync }) => ({
          query: {},
          body: { keep_days: 2, rules: [{ integration, function: sync, mode: 'all' as const, one_in: 1 }] },
        }),
      ],
    },
  },
  environment: {
    current: { probes: [() => ({ query: {} })] },
    variables: { probes: [() => ({ query: {} })] },
    rotateSigningKey: { probes: [() => ({ query: {} })] },
    health: { probes: [() => ({})] },
    processes: { probes: [() => ({ query: {} })] },
    queue: { probes: [() => ({ query: {} })] },
    ready: { probes: [() => ({})] },
  },
  account: {
    createEnvironment: { probes: [({ madeEnvironment }) => ({ query: {}, body: { name: madeEnvironment } })] },
    deleteEnvironment: { probes: [({ environmentId }) => ({ params: { environmentId }, query: {} })], destroys: true },
    createApiKey: { probes: [({ environmentId }) => ({ query: {}, body: { environment_id: environmentId, display_name: 'New' } })] },
    deleteApiKey: {
      probes: [
        ({ environmentId, keyId }) => ({ query: {}, body: { environment_id: environmentId, key_id: keyId } }),
        ({ keyId }) => ({ query: {}, body: { environment_id: shared.environmentId, key_id: keyId } }),
      ],
      destroys: true,
    },
  },
};

type Asked = { method: string; path: string; body?: unknown; headers: Record<string, string> };
type Entry = { id: string; destroys: boolean; ask: readonly ((names: Names) => Asked)[] };

const entries: Entry[] = Object.entries(publicRoutes).flatMap(([group, byName]) =>
  Object.entries<Route>(byName).map(([name, route]) => {
    const { probes, destroys = false } = Object(Object(table)[group])[name] as Case<Route>; // the table is total over the contract
    return { id: `${group}.${name}`, destroys, ask: probes.map((probe) => (names: Names) => asked(route, probe(names))) };
  }),
);
/** What is no route of the contract, and names things all the same. */
const others: Entry[] = [
  ...['GET', 'POST', 'DELETE'].map((method) => ({
    id: `proxy ${method}`,
    destroys: false,
    ask: either((connection, integration) => ({
      method,
      path: '/proxy/echo?a=1',
      headers: { ...asKey(), ...byHeaders(connection, integration) },
      ...(method === 'POST' ? { body: { a: 1 } } : {}),
    }))(),
  })),
  {
    id: 'GET /v1/*',
    destroys: false,
    ask: [
      ...either((connection, integration) => ({
        method: 'GET',
        path: '/v1/echo',
        headers: { ...asKey(), ...byHeaders(connection, integration) },
      }))(),
      ({ action }) => ({
        method: 'GET',
        path: `/v1/${action}`,
        headers: { ...asKey(), ...byHeaders(shared.connection, shared.integration) },
      }),
    ],
  },
  {
    id: 'GET /oauth/connect/:providerConfigKey',
    destroys: false,
    ask: [
      ({ integration }) => ({ method: 'GET', path: `/oauth/connect/${integration}?connect_session_token=${sessionToken}`, headers: {} }),
      ({ connection }) => ({
        method: 'GET',
        path: `/oauth/connect/oauth?connect_session_token=${sessionToken}&connection_id=${connection}`,
        headers: {},
      }),
    ],
  },
  {
    id: 'GET /oauth/callback',
    destroys: false,
    ask: [({ actionId }) => ({ method: 'GET', path: `/oauth/callback?state=${actionId}&code=c`, headers: {} })],
  },
];

let upstream: Upstream;
let platform: Platform;
let secondKey: string;
let accountKey: string;
let sessionToken: string;
let firstId: number;
/** Of another account: what account keys must not reach. */
let otherAccount: number;

beforeAll(async () => {
  upstream = await startUpstream();
  upstream.on('/items', ({ headers }, response) => json(response, [{ id: '1', of: headers['x-key'] }]));
  upstream.on('/echo', ({ headers }, response) => json(response, { key: headers['x-key'] }));
  const allow = [`127.0.0.1:${upstream.port}`];
  const busy = await startPlatform({ allow });
  const { db } = busy.world;
  // Numbers that occur nowhere by chance, and differ from each other.
  for (const [n, name] of ['environments', 'api_keys', 'integrations', 'connections', 'functions', 'runs'].entries())
    await run(db, sql`select setval(pg_get_serial_sequence(${name}, 'id'), ${7_100_000 + n * 100_000})`);
  const first = busy;
  secondKey = await busy.keyOf('prod');
  accountKey = await busy.accountKeyOf();
  const asSecond: Platform['call'] = (method, path, body, headers) =>
    busy.call(method, path, body, { authorization: `Bearer ${secondKey}`, ...headers });
  const second: Platform = { ...busy, call: asSecond };
  firstId = (await busy.scopeOf('dev')).environment.id;
  await furnish(first, MARK);
  await furnish(second, 'second');
  await furnishMore(first);
  await otherAccountWithKeys(busy);
  Object.assign(shared, {
    actionId: await startAction(second),
    ...(await startJobs(second)),
    operation: await operationOf(second),
    capture: await captureOf(second),
    ...(await hookOf(second, 'prod')),
    subscription: await subscriptionOf(second, (await busy.scopeOf('prod')).environment.id),
    environmentId: (await busy.call('POST', '/environments', { name: 'second-more' }, { authorization: `Bearer ${accountKey}` })).body.data
      .id,
  });
  shared.keyId = (await createApiKey(busy.world, { environment: { id: shared.environmentId } }, { displayName: 'k' })).id;
  foreign.names = { ...foreign.names, ...(await uuids(first)) };
  foreign['row ids'] = { ...never, ...(await rowIds(first)), ...(await uuids(first)) };
  await busy.stop();
  platform = await startPlatform({ allow, database: busy.database, worker: false });
  await quiet();
});

/** What both environments hold; `of` tells them apart. */
async function furnish(on: Platform, of: string): Promise<void> {
  expect((await on.call('PUT', '/providers/own-api', { yaml: ownApi(of) })).status).toBe(200);
  await createIntegrations(on, upstream.url);
  const rules = [{ integration: null, function: null, mode: 'all' }];
  expect((await on.call('PUT', '/capture-settings', { rules })).status).toBe(200);
  const functions = [
    { name: 'items', exec: `await nango.batchSave((await nango.get({ endpoint: '/items' })).data, 'Item');` },
    { type: 'action' as const, name: 'echo', exec: `return '${of}'`, more: { endpoints: [{ method: 'GET', path: '/echo' }] } },
  ];
  await deploy(on, functions);
  await importConnection(on, 'c-1', {
    credentials: { type: 'API_KEY', apiKey: of },
    metadata: { of },
    tags: { of },
    end_user: { id: 'user-1', display_name: of },
  });
  await settled(on, 'c-1', 'items');
  expect(await recordsOf(on, 'c-1')).toMatchObject([{ id: '1', of }]);
  expect((await on.call('POST', '/sync/items/variant/eu', { provider_config_key: 'key', connection_id: 'c-1' })).status).toBe(200);
}

/** What only the first holds. */
async function furnishMore(on: Platform): Promise<void> {
  const { names } = foreign;
  for (const name of [names.provider, names.madeProvider])
    expect((await on.call('PUT', `/providers/${name}`, { yaml: ownApi(MARK) })).status).toBe(200);
  for (const unique_key of [names.integration, names.madeIntegration]) {
    const integration_config = { keyName: 'x-key', baseUrl: upstream.url, keyPlacement: 'header' };
    const answer = await on.call('POST', '/integrations', {
      unique_key,
      provider: 'private-api-generic',
      display_name: MARK,
      integration_config,
    });
    expect(answer.status).toBe(200);
  }
  await deploy(on, [
    { name: names.sync, autoStart: false },
    { name: names.madeFunction, autoStart: false },
    { type: 'action', name: names.action, exec: `return '${MARK}'`, more: { endpoints: [{ method: 'GET', path: `/${names.action}` }] } },
    { type: 'action', name: names.action, integration: names.integration, exec: `return '${MARK}'` },
  ]);
  const credentials = { type: 'API_KEY', apiKey: MARK };
  const end_user = { id: names.endUser };
  await importConnection(on, names.connection, { credentials, end_user });
  await importConnection(on, names.madeConnection, { credentials });
  for (const connection of [names.connection, 'c-1'])
    await importConnection(on, connection, { credentials, provider_config_key: names.integration });
  for (const variant of [names.variant, names.madeVariant])
    expect((await on.call('POST', `/sync/items/variant/${variant}`, { provider_config_key: 'key', connection_id: 'c-1' })).status).toBe(
      200,
    );
  const member = await on.member();
  await member('PATCH', '/api/environment', { variables: [{ name: 'V', value: MARK }] });
}

async function startAction(on: Platform): Promise<string> {
  const headers = { 'connection-id': 'c-1', 'provider-config-key': 'key', 'x-async': 'true' };
  const { body } = await on.call('POST', '/action/trigger', { action_name: 'echo' }, headers);
  await eventually(async () => (await on.call('GET', body.statusUrl)).status === 200, 'the action has ended');
  return body.id;
}

/** Both fail, and tell of the environment they are of. */
async function startJobs(on: Platform): Promise<{ deploymentId: string; dryRunId: string }> {
  const start = async (path: string, body: object) => {
    const { id } = (await on.call('POST', path, { ...sourced(shared.integration), ...body })).body;
    await eventually(async () => (await on.call('GET', `${path}/${id}`)).body.completed_at !== undefined, 'the job has ended');
    return id;
  };
  return {
    deploymentId: await start('/functions/deployments', { type: 'function', function_name: 'job' }),
    dryRunId: await start('/functions/dryruns', { connection_id: shared.connection }),
  };
}

/** Of the newest call of an action. */
async function operationOf(on: Platform): Promise<string> {
  return eventually(async () => {
    const { body } = await on.call('GET', '/logs/operations?type=action&state=success&limit=1');
    return body.operations[0]?.id;
  }, 'the action is in the log');
}

async function beginAttempt(on: Platform): Promise<string> {
  const session = await on.call('POST', '/connect/sessions', { end_user: { id: 'user-1' } });
  const authorization = `Bearer ${session.body.data.token}`;
  return (await on.call('POST', '/connect/session/attempts', { providerConfigKey: 'oauth' }, { authorization })).body.data.id;
}

async function otherAccountWithKeys({ world }: Platform): Promise<void> {
  otherAccount = (await only<{ id: number }>(world.db, sql`insert into accounts (name) values (${MARK}) returning id`)).id;
  for (const name of [foreign.names.madeEnvironment, 'spare']) {
    const { id } = await only<{ id: number }>(
      world.db,
      sql`insert into environments (account_id, name) values (${otherAccount}, ${name}) returning id`,
    );
    await createApiKey(world, { environment: { id } }, { displayName: MARK });
  }
}

async function captureOf(on: Platform): Promise<number> {
  const id: string = await eventually(async () => (await on.call('GET', '/captures?limit=1')).body.data[0]?.id, 'a run was captured');
  return Number(id);
}

/** Nobody works on it: no job was asked for. */
async function subscriptionOf({ world }: Platform, environmentId: number): Promise<string> {
  const row = await only<{ id: string }>(
    world.db,
    sql`insert into webhook_subscriptions (environment_id, integration_id, connection_id, target, events)
        select environment_id, integration_id, id, gen_random_uuid()::text, '{}' from connections
         where environment_id = ${environmentId} and connection_id = ${shared.connection} and deleted_at is null limit 1 returning id`,
  );
  return row.id;
}

async function uuids(on: Platform): Promise<Partial<Names>> {
  const actionId = await startAction(on);
  const jobs = await startJobs(on);
  const row = await only<{ environmentId: number; keyId: number }>(
    on.world.db,
    sql`select e.id as environment_id, k.id as key_id from environments e join api_keys k on k.environment_id = e.id
         where e.account_id = ${otherAccount} order by e.id limit 1`,
  );
  const hook = await hookOf(on, 'dev');
  const subscription = await subscriptionOf(on, firstId);
  return {
    actionId,
    ...jobs,
    ...row,
    ...hook,
    attempt: await beginAttempt(on),
    operation: await operationOf(on),
    capture: await captureOf(on),
    subscription,
  };
}

/** An endpoint, and a delivery to it that was given up. */
async function hookOf(on: Platform, name: 'dev' | 'prod'): Promise<{ endpoint: string; delivery: string }> {
  const wanted = { url: 'https://203.0.114.7/hooks', description: name === 'dev' ? MARK : '', enabled: false };
  const endpoint: string = (await on.call('POST', '/webhooks/endpoints', wanted)).body.data.id;
  const { environment } = await on.scopeOf(name);
  const { id } = await only<{ id: string }>(
    on.world.db,
    sql`insert into webhook_deliveries (environment_id, endpoint_id, name, type, url, body, state)
        values (${environment.id}, ${endpoint}::uuid, 'sync.failed', 'sync', '', '{"connectionId":"c-1","providerConfigKey":"key"}', 'failed') returning id`,
  );
  return { endpoint, delivery: id };
}

async function rowIds({ world: { db } }: Platform): Promise<Partial<Names>> {
  const { names } = foreign;
  const idOf = async (table: string, where: ReturnType<typeof sql>) =>
    (await only<{ id: string }>(db, sql`select id::text from ${sql.table(table)} where environment_id = ${firstId} and ${where} limit 1`))
      .id;
  return {
    integration: await idOf('integrations', sql`unique_key = ${names.integration}`),
    connection: await idOf('connections', sql`connection_id = ${names.connection}`),
    action: await idOf('functions', sql`name = ${names.action}`),
    sync: await idOf(
      'syncs',
      sql`name = ${shared.sync} and connection_id = (select id from connections
      where environment_id = ${firstId} and connection_id = 'c-1' order by id limit 1)`,
    ),
  };
}

const asKey = () => ({ authorization: `Bearer ${secondKey}` });

function asked({ method, path, caller }: Route, sent: { params?: object; query?: object; headers?: object; body?: unknown }): Asked {
  const params: Record<string, unknown> = { ...sent.params };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(sent.query ?? {})) for (const one of [value].flat()) query.append(name, String(one));
  if (caller === 'connectSessionInQuery') query.set('connect_session_token', sessionToken);
  const tokens = {
    public: undefined,
    connectSession: sessionToken,
    connectSessionOrExpired: sessionToken,
    connectSessionInQuery: undefined,
    accountKey,
  };
  const token = caller in tokens ? tokens[caller as keyof typeof tokens] : secondKey; // one of its keys
  return {
    method,
    path: `${path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))}?${query}`,
    headers: { authorization: token === undefined ? '' : `Bearer ${token}`, ...(sent.headers as Record<string, string> | undefined) }, // texts, by the contract
    ...('body' in sent ? { body: sent.body } : {}),
  };
}

/** Each time with a session of its own: a session that was ended must not pass for one that sees nothing. */
async function send(probe: (names: Names) => Asked, names: Names): Promise<Answer> {
  const session = await platform.call('POST', '/connect/sessions', { end_user: { id: 'user-1' } }, asKey());
  sessionToken = session.body.data.token;
  const { method, path, body, headers } = probe(names);
  return platform.call(method, path, body, headers);
}

/** An answer without what differs each time, and with every name replaced by what it names. */
function shape({ status, body, headers }: Answer): Json {
  // Moments first: a number may also be that of a second.
  let text = (typeof body === 'string' ? body : JSON.stringify(body)).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, '<time>');
  const tokens = [never, foreign.names, foreign['row ids']]
    .flatMap((names) => Object.entries(names))
    .toSorted(([, a], [, b]) => String(b).length - String(a).length);
  // A number of few digits also stands in the middle of a UUID.
  for (const [what, name] of tokens)
    text = text.replaceAll(typeof name === 'number' ? new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'g') : name, `<${what}>`);
  text = text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/nango_connect_session_[0-9a-f]{64}/g, '<token>')
    .replaceAll(/whsec_[\w+/=]+/g, '<secret>')
    .replaceAll(/nonce="[^"]+"/g, 'nonce')
    .replaceAll(/"(id|version)":"?\d+"?/g, '"$1":<n>')
    .replaceAll(/"age_ms":(\d+|null)/g, '"age_ms":<n>'); // of the work of all, at that moment
  return {
    status,
    text,
    type: headers.get('content-type'),
    location: headers.get('location')?.replace(/state=\w+|code_challenge=[\w-]+/g, ''),
  };
}

/** Every row of the first environment and of the other account, in all tables that name an environment or belong to one that does. */
async function dump(): Promise<Record<string, string[]>> {
  const { db } = platform.world;
  const tables = await many<{ name: string }>(
    db,
    sql`select table_name as name from information_schema.columns
         where table_schema = 'public' and column_name = 'environment_id' order by 1`,
  );
  expect(tables.length).toBeGreaterThan(14);
  const rows: Record<string, string[]> = {};
  const read = async (name: string, where: ReturnType<typeof sql>) => {
    const found = await many<{ row: string }>(db, sql`select t::text as row from ${sql.table(name)} t where ${where} order by 1`);
    rows[name] = found.map(({ row }) => row);
  };
  const mine = sql`(select id from environments where id = ${firstId} or account_id = ${otherAccount})`;
  for (const { name } of tables) await read(name, sql`t.environment_id in ${mine}`);
  const streams = sql`(select id from record_streams where environment_id = ${firstId})`;
  await read('environments', sql`t.id in ${mine}`);
  await read('records', sql`t.stream_id in ${streams}`);
  await read('record_versions', sql`t.stream_id in ${streams}`);
  await read('record_sightings', sql`t.stream_id in ${streams}`);
  await read('operation_messages', sql`t.operation_id in (select id from operations where environment_id = ${firstId})`);
  await read('record_counts', sql`t.run_id in (select id from runs where environment_id = ${firstId})`);
  return rows;
}

/** The activity log is written a moment later. */
const quiet = () => {
  let last = '';
  return eventually(async () => {
    const now = JSON.stringify(await dump());
    const same = now === last;
    last = now;
    return same;
  }, 'the first environment is at rest');
};

test('the first environment holds what the second is not to see, and its own key sees it', async () => {
  const rows = await dump();
  for (const name of [
    'connections',
    'integrations',
    'functions',
    'records',
    'syncs',
    'runs',
    'operations',
    'operation_messages',
    'record_counts',
    'api_keys',
    'function_jobs',
  ])
    expect([name, rows[name]?.length]).toEqual([name, expect.toSatisfy((count: number) => count > 0)]);
  const { names } = foreign;
  const mine = await platform.call('GET', `/connections/${names.connection}?provider_config_key=${names.integration}`);
  expect([mine.status, mine.body.credentials.apiKey]).toEqual([200, MARK]);
  expect(JSON.stringify((await platform.call('GET', '/environment-variables')).body)).toContain(MARK);
  await quiet();
});

describe.each([...entries, ...others])('$id', ({ ask }) => {
  test.each(['names', 'row ids'] as const)('the %s of the first are, to the second, what never existed', async (kind) => {
    const before = await dump();
    for (const probe of ask) {
      const unknown = await send(probe, never);
      const answer = await send(probe, foreign[kind]);
      expect(shape(answer)).toEqual(shape(unknown));
      expect(JSON.stringify(answer.body) ?? '').not.toContain(MARK);
    }
    expect(await dump()).toEqual(before);
  });
});

/** In the order of the contract, what takes away last. */
const inOrder = [...entries, ...others].toSorted((a, b) => Number(a.destroys) - Number(b.destroys));

describe.each(inOrder)('$id, with names that both have', ({ ask }) => {
  test('concerns the second environment alone', async () => {
    const before = await dump();
    for (const probe of ask) {
      const answer = await send(probe, shared);
      expect(answer.status).toBeLessThan(500);
      expect(JSON.stringify(answer.body) ?? '').not.toContain(MARK);
    }
    expect(await dump()).toEqual(before);
  });
});
