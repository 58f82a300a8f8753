/**
 * What the pages read, as TanStack query options. Every key is [environment, topic, …] with the topics of the live channel, so
 * one event invalidates exactly what it made stale.
 */
import type { LiveTopic } from '@bowline/api/dashboard';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type Api, apiOf } from './client.ts';

export type ConnectionRef = { key: string; connectionId: string };
export type OperationFilter = Omit<Parameters<Api['logs']['operations']>[0]['query'], 'cursor' | 'limit'>;
export type ConnectionFilter = { search?: string | undefined; integration?: string | undefined };
export type LimitsRef = { key?: string; connectionId?: string };
export type RecordRef = { model: string; variant: string; id: string };
export type RecordsFilter = { model: string; variant: string; filter?: string | undefined };

export type ConnectionDetail = Awaited<ReturnType<Api['dashboard']['connection']>>;
export type Overview = Awaited<ReturnType<Api['dashboard']['overview']>>;
export type IntegrationDetail = Awaited<ReturnType<Api['integrations']['get']>>['data'];

const CONNECTIONS_PAGE = 50;
const RECORDS_PAGE = 50;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => apiOf('').dashboard.session({ query: {} }),
  staleTime: 5 * 60_000,
});

/** `{ a: 1, b: undefined }` → `{ a: 1 }`: the contract knows absent, not undefined. */
function present<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as {
    [K in keyof T]: Exclude<T[K], undefined>; // every undefined was filtered out
  };
}

const topic = (
  env: string,
  name: LiveTopic | 'overview' | 'providers' | 'account-keys' | 'captures' | 'processes' | 'queue',
  ...rest: unknown[]
) => [env, name, ...rest] as const;

export const overviewQuery = (env: string) =>
  queryOptions({ queryKey: topic(env, 'overview'), queryFn: () => apiOf(env).dashboard.overview({ query: {} }), refetchInterval: 60_000 });

export const settingsQuery = (env: string) =>
  queryOptions({ queryKey: topic(env, 'environment'), queryFn: () => apiOf(env).dashboard.environment({ query: {} }) });

export const connectUiQuery = (env: string) =>
  queryOptions({ queryKey: topic(env, 'environment', 'connect-ui'), queryFn: () => apiOf(env).dashboard.connectUi({ query: {} }) });

/** Of the account, whichever environment is shown. */
export const accountKeysQuery = (env: string) =>
  queryOptions({ queryKey: topic(env, 'account-keys'), queryFn: async () => (await apiOf(env).dashboard.accountKeys({ query: {} })).keys });

/** Each says every five seconds that it lives. */
export const processesQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'processes'),
    queryFn: async () => (await apiOf(env).environment.processes({ query: {} })).data,
    refetchInterval: 5_000,
  });

/** How long work waits. */
export const queueQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'queue'),
    queryFn: async () => (await apiOf(env).environment.queue({ query: {} })).data,
    refetchInterval: 5_000,
  });

/** To choose from: a line each. The definition of one is `providerQuery`. */
export const listedProvidersQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'providers', 'listed'),
    queryFn: async () => (await apiOf(env).dashboardProviders.list({ query: {} })).providers,
    staleTime: 5 * 60_000,
  });

export const providerQuery = (env: string, provider: string) =>
  queryOptions({
    queryKey: topic(env, 'providers', provider),
    queryFn: async () => (await apiOf(env).providers.get({ params: { provider }, query: {} })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** As it was written: of the environment's own providers alone. */
export const sourceQuery = (env: string, provider: string) =>
  queryOptions({
    queryKey: topic(env, 'providers', provider, 'source'),
    queryFn: async () => (await apiOf(env).customProviders.source({ params: { provider }, query: {} })).data,
    refetchOnWindowFocus: false, // what is being written must not change under the hand
  });

export const guideQuery = (env: string, provider: string, integration: string) =>
  queryOptions({
    queryKey: topic(env, 'providers', provider, 'guide', integration),
    queryFn: () => apiOf(env).dashboardProviders.guide({ params: { provider }, query: present({ integration }) }),
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
  });

/** The functions that the catalogue has for a provider: of the release, so they do not change. */
export const templatesQuery = (env: string, provider: string) =>
  queryOptions({
    queryKey: topic(env, 'providers', provider, 'templates'),
    queryFn: async () => (await apiOf(env).deployments.templates({ params: { provider }, query: {} })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const integrationsQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'integrations'),
    queryFn: async () => (await apiOf(env).integrations.list({ query: {} })).data,
  });

export const incomingQuery = (env: string, uniqueKey: string) =>
  queryOptions({
    queryKey: topic(env, 'integrations', uniqueKey, 'webhooks'),
    queryFn: () => apiOf(env).dashboardWebhooks.incoming({ params: { uniqueKey }, query: {} }),
  });
export const subscriptionsQuery = (env: string, uniqueKey: string) =>
  queryOptions({
    queryKey: topic(env, 'integrations', uniqueKey, 'subscriptions'),
    queryFn: () => apiOf(env).subscriptions.list({ query: { provider_config_key: uniqueKey } }),
  });
export const integrationQuery = (env: string, uniqueKey: string) =>
  queryOptions({
    queryKey: topic(env, 'integrations', uniqueKey),
    queryFn: async () => (await apiOf(env).integrations.get({ params: { uniqueKey }, query: { include: 'webhook,credentials' } })).data,
  });

export const functionsQuery = (env: string, uniqueKey: string) =>
  queryOptions({
    queryKey: topic(env, 'integrations', uniqueKey, 'functions'),
    queryFn: async () => (await apiOf(env).integrations.functions({ params: { uniqueKey }, query: { limit: 100 } })).data,
  });

type FunctionKind = 'sync' | 'action' | 'on-event';

/** @param version the number of an earlier one; else the one that runs */
export const functionCodeQuery = (env: string, uniqueKey: string, name: string, type: FunctionKind, version?: number) =>
  queryOptions({
    queryKey: topic(env, 'integrations', uniqueKey, 'functions', type, name, version ?? 'current'),
    queryFn: () => apiOf(env).integrations.functionCode({ params: { uniqueKey, name }, query: present({ type, version }) }),
  });

export const functionVersionsQuery = (env: string, uniqueKey: string, { name, type }: { name: string; type: FunctionKind }) =>
  queryOptions({
    queryKey: topic(env, 'integrations', uniqueKey, 'functions', type, name, 'versions'),
    queryFn: async () => (await apiOf(env).history.versions({ params: { uniqueKey, name }, query: { type } })).data,
  });

export const deploymentQuery = (env: string, number: number) =>
  queryOptions({
    queryKey: topic(env, 'integrations', 'deployments', number),
    queryFn: async () => (await apiOf(env).history.deployment({ params: { number }, query: {} })).data,
  });

export const connectionsQuery = (env: string, { search, integration }: ConnectionFilter) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'connections', 'list', { search, integration }),
    queryFn: async ({ pageParam }) => {
      const query = { ...present({ search, integrationId: integration }), limit: CONNECTIONS_PAGE, page: pageParam };
      return (await apiOf(env).connections.list({ query })).connections;
    },
    initialPageParam: 0,
    getNextPageParam: (last, all) => (last.length === CONNECTIONS_PAGE ? all.length : undefined),
    placeholderData: keepPreviousData,
  });

export const connectionQuery = (env: string, { key, connectionId }: ConnectionRef) =>
  queryOptions({
    queryKey: topic(env, 'connections', key, connectionId),
    queryFn: () => apiOf(env).dashboard.connection({ params: { connectionId }, query: { provider_config_key: key } }),
  });

export const syncsQuery = (env: string, { key, connectionId }: ConnectionRef) =>
  queryOptions({
    queryKey: topic(env, 'syncs', key, connectionId),
    queryFn: async () => (await apiOf(env).dashboard.syncs({ query: { provider_config_key: key, connection_id: connectionId } })).syncs,
    // The live channel says when a run starts and ends; counts inside a run are read by the clock.
    refetchInterval: ({ state }) => (state.data?.some((sync) => sync.state === 'running' || sync.state === 'queued') ? 2000 : false),
  });

/** Of an integration, or of one of its connections. No event tells of it: it changes with every request. */
export const rateLimitsQuery = (env: string, key: string, connectionId?: string) =>
  queryOptions({
    queryKey: topic(env, 'integrations', key, 'rate-limits', connectionId),
    queryFn: () => apiOf(env).dashboard.rateLimits({ params: { providerConfigKey: key }, query: present({ connection_id: connectionId }) }),
    refetchInterval: 10_000,
  });

/** Of the environment, and of what is named. */
export const limitsQuery = (env: string, { key, connectionId }: LimitsRef) =>
  queryOptions({
    queryKey: topic(env, 'syncs', 'limits', { key, connectionId }),
    queryFn: async () =>
      (await apiOf(env).syncLimits.get({ query: present({ provider_config_key: key, connection_id: connectionId }) })).data,
  });

export const heldDeletionsQuery = (env: string, { key, connectionId }: ConnectionRef) =>
  queryOptions({
    queryKey: topic(env, 'syncs', key, connectionId, 'held'),
    queryFn: async () => (await apiOf(env).syncs.heldDeletions({ query: { provider_config_key: key, connection_id: connectionId } })).held,
  });

export const modelsQuery = (env: string, { key, connectionId }: ConnectionRef) =>
  queryOptions({
    queryKey: topic(env, 'records', key, connectionId, 'models'),
    queryFn: async () => (await apiOf(env).dashboard.models({ params: { connectionId }, query: { provider_config_key: key } })).models,
  });

export const recordsQuery = (env: string, { key, connectionId }: ConnectionRef, { model, variant, filter }: RecordsFilter) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'records', key, connectionId, 'list', { model, variant, filter }),
    queryFn: ({ pageParam }) =>
      apiOf(env).records.list({
        query: { model, variant, limit: RECORDS_PAGE, ...present({ filter, cursor: pageParam }) },
        headers: { 'connection-id': connectionId, 'provider-config-key': key },
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    enabled: model !== '',
    placeholderData: keepPreviousData,
  });

/** All versions that are kept of one record, newest first. */
export const versionsQuery = (env: string, { key, connectionId }: ConnectionRef, { model, variant, id }: RecordRef) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'records', key, connectionId, 'versions', { model, variant, id }),
    queryFn: ({ pageParam }) =>
      apiOf(env).recordHistory.versions({
        query: { model, variant, id, limit: RECORDS_PAGE, ...present({ cursor: pageParam }) },
        headers: { 'connection-id': connectionId, 'provider-config-key': key },
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** One record as it was at a moment; null: it was not there. */
export const recordAsOfQuery = (
  env: string,
  { key, connectionId }: ConnectionRef,
  { model, variant, id, at }: RecordRef & { at: string },
) =>
  queryOptions({
    queryKey: topic(env, 'records', key, connectionId, 'as-of', { model, variant, id, at }),
    queryFn: async () => {
      const headers = { 'connection-id': connectionId, 'provider-config-key': key };
      const { records } = await apiOf(env).records.list({ query: { model, variant, ids: [id], as_of: at }, headers });
      return records[0] ?? null;
    },
    enabled: at !== '',
    retry: false,
  });

export const historySettingsQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'records', 'history-settings'),
    queryFn: async () => (await apiOf(env).recordHistory.settings({ query: {} })).data,
  });

export const operationsQuery = (env: string, filter: OperationFilter) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'operations', 'list', filter),
    queryFn: ({ pageParam }) => apiOf(env).logs.operations({ query: present({ ...filter, cursor: pageParam, limit: 50 }) }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const operationQuery = (env: string, id: string) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'operations', id),
    queryFn: ({ pageParam }) => apiOf(env).logs.operation({ params: { id }, query: present({ after: pageParam }) }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** Of a run: one for each attempt at it, the newest first. One that goes on is looked at again when its operation is. */
export const capturesOfQuery = (env: string, operation: string) =>
  queryOptions({
    queryKey: topic(env, 'operations', operation, 'captures'),
    queryFn: async () => (await apiOf(env).captures.list({ query: { run: operation, limit: 100 } })).data,
  });

/** Of all runs, the newest first. */
export const capturesQuery = (env: string) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'captures', 'newest'),
    queryFn: ({ pageParam }) => apiOf(env).captures.list({ query: present({ cursor: pageParam, limit: 50 }) }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });

/** What was captured, part by part. */
export const capturedQuery = (env: string, id: string) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'captures', id),
    queryFn: ({ pageParam }) => apiOf(env).captures.get({ params: { id }, query: { part: pageParam } }),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next_part ?? undefined,
  });

export const captureSettingsQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'captures', 'settings'),
    queryFn: async () => (await apiOf(env).captures.settings({ query: {} })).data,
  });

/** What waits and how each fares changes by itself. */
const FARES_MS = 5_000;

export const endpointsQuery = (env: string) =>
  queryOptions({
    queryKey: topic(env, 'environment', 'endpoints'),
    queryFn: async () => (await apiOf(env).webhookEndpoints.list({ query: {} })).data,
    refetchInterval: FARES_MS,
  });

export const endpointSecretQuery = (env: string, id: string) =>
  queryOptions({
    queryKey: topic(env, 'environment', 'endpoints', id, 'secret'),
    queryFn: async () => (await apiOf(env).webhookEndpoints.secret({ params: { id }, query: {} })).data.secret,
  });

export type DeliveryFilter = Omit<Parameters<Api['webhookDeliveries']['list']>[0]['query'], 'cursor' | 'limit'>;

export const deliveriesQuery = (env: string, filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: topic(env, 'environment', 'deliveries', filter),
    queryFn: ({ pageParam }) => apiOf(env).webhookDeliveries.list({ query: { ...filter, limit: 50, ...present({ cursor: pageParam }) } }),
    initialPageParam: '',
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: FARES_MS,
  });

export const deliveryQuery = (env: string, id: string) =>
  queryOptions({
    queryKey: topic(env, 'environment', 'deliveries', id),
    queryFn: async () => (await apiOf(env).webhookDeliveries.get({ params: { id }, query: {} })).data,
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? FARES_MS : false),
  });

export const deliveryCountsQuery = (env: string, filter: DeliveryFilter, { everyMs }: { everyMs: number | false }) =>
  queryOptions({
    queryKey: topic(env, 'environment', 'deliveries', 'count', filter),
    queryFn: async () => (await apiOf(env).webhookDeliveries.count({ query: filter })).data,
    refetchInterval: everyMs,
    gcTime: 0, // numbers of before must not be taken for those of now
  });
