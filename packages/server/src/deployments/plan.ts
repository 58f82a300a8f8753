/** What a deployment would create, update and delete: computed the same way for the confirmation and for the deployment itself. */

import { isDeepStrictEqual } from 'node:util';
import type { Confirmation, DeploymentPlan } from '@bowline/api/deploy';
import { problem } from '@bowline/api/problem';
import { parseFrequency } from '@bowline/functions/frequency';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { listIntegrations } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { addressOf, type Code } from './code.ts';
import { listFunctions } from './find.ts';
import type { DeployedFunction, FunctionConfig, FunctionType } from './function.ts';

/** One function of the deployment, in our own shape. */
export type Incoming = {
  integration: Integration;
  type: FunctionType;
  name: string;
  event: string | null;
  version: string;
  frequencyMs: number | null;
  config: FunctionConfig;
  code: Code;
};
export type Change = { incoming: Incoming; existing: DeployedFunction | undefined };
export type Plan = {
  changes: Change[];
  /** They are there just so. */
  unchanged: Change[];
  deletions: { fn: DeployedFunction; integration: Integration }[];
};

/** `source`: what the functions will count as brought by, where that is known; another one is a change. */
type Request = Confirmation & { source?: DeployedFunction['source'] };

/** @throws unknown_provider_config, deploy_missing_json_schema_model, invalid_body */
export async function planDeployment(world: Pick<World, 'db'>, scope: Scope, request: Request): Promise<Plan> {
  const integrations = new Map((await listIntegrations(world, scope)).map((integration) => [integration.uniqueKey, integration]));
  const incoming = readIncoming(request, integrations);
  const existing = await listFunctions(world, scope);
  const byIdentity = new Map(existing.map((fn) => [identity(fn), fn]));
  // Of a function that is sent twice, the last counts.
  const wanted = new Map(incoming.map((one) => [identity({ ...one, integrationId: one.integration.id }), one]));
  const all = [...wanted].map(([key, one]): Change => ({ incoming: one, existing: byIdentity.get(key) }));
  const unchanged = all.filter((change) => isSame(change, request.source));
  const changes = all.filter((change) => !unchanged.includes(change));
  const within = deletable(request, incoming);
  const byId = new Map([...integrations.values()].map((integration) => [integration.id, integration]));
  const deletions = existing
    .filter((fn) => within(fn) && !wanted.has(identity(fn)))
    .flatMap((fn) => {
      const integration = byId.get(fn.integrationId);
      return integration ? [{ fn, integration }] : [];
    });
  return { changes, unchanged, deletions };
}

/** The version of the SDK alone is no change: what is deployed was compiled by the one it says. */
function isSame({ incoming, existing }: Change, source: DeployedFunction['source'] | undefined): boolean {
  if (!existing || (source !== undefined && source !== existing.source)) return false;
  const { event, frequencyMs, version } = incoming;
  if (event !== existing.event || frequencyMs !== existing.frequencyMs || (version !== '' && version !== existing.version)) return false;
  return isDeepStrictEqual(comparable(incoming.config), comparable(existing.config)) && addressOf(incoming.code).equals(existing.codeHash);
}

/** As it would come back from the database. */
const comparable = ({ sdkVersion: _, ...config }: FunctionConfig): unknown => JSON.parse(JSON.stringify(config));

const identity = ({ integrationId, type, name }: { integrationId: number; type: string; name: string }) =>
  `${integrationId}/${type}/${name}`;

/** Which deployed functions an absence deletes. A deployment without functions deletes nothing unless it says so: it is more often a mistake than a wish. */
function deletable(request: Request, incoming: Incoming[]): (fn: DeployedFunction) => boolean {
  const mode = request.singleDeployMode ? 'single' : request.deployMode;
  if (mode === 'single' || (incoming.length === 0 && !request.allowEmpty)) return () => false;
  const mine = (fn: DeployedFunction) => fn.source === 'repo' && !fn.config.isBundled;
  if (mode === 'all') return mine;
  const named = new Set(incoming.map(({ integration }) => integration.id));
  return (fn) => mine(fn) && named.has(fn.integrationId);
}

function readIncoming(request: Request, integrations: Map<string, Integration>): Incoming[] {
  const find = (key: string) => {
    const integration = integrations.get(key);
    if (!integration)
      throw problem('unknown_provider_config', { message: `There is no integration "${key}" in this environment; create it first` });
    return integration;
  };
  const flows = request.flowConfigs.map((flow): Incoming => {
    const schema = flow.models_json_schema ?? undefined;
    const missing = [...flow.models, ...(flow.input ? [flow.input] : [])].filter((model) => schema && !schema.definitions[model]);
    if (missing.length > 0) {
      throw problem('deploy_missing_json_schema_model', {
        message: `${flow.providerConfigKey}/${flow.syncName}: no schema for ${missing.join(', ')}`,
      });
    }
    return {
      integration: find(flow.providerConfigKey),
      type: flow.type,
      name: flow.syncName,
      event: null,
      version: flow.version ?? '',
      frequencyMs: flow.type === 'sync' ? frequencyOf(flow.providerConfigKey, flow.syncName, flow.runs) : null,
      config: {
        description: flow.metadata?.description,
        scopes: flow.metadata?.scopes,
        models: flow.models,
        input: flow.input,
        runs: flow.runs,
        autoStart: flow.auto_start,
        trackDeletes: flow.track_deletes,
        syncType: flow.sync_type,
        attributes: flow.attributes,
        endpoints: flow.endpoints,
        webhookSubscriptions: flow.webhookSubscriptions,
        webhookOrder: flow.webhookOrder,
        schema,
        features: flow.features,
        sdkVersion: request.sdkVersion,
      },
      code: flow.fileBody,
    };
  });
  const events = (request.onEventScriptsByProvider ?? []).flatMap(({ providerConfigKey, scripts }) =>
    scripts.map(
      (script): Incoming => ({
        integration: find(providerConfigKey),
        type: 'on-event',
        name: script.name,
        event: script.event,
        version: '',
        frequencyMs: null,
        config: { models: [], autoStart: false, trackDeletes: false, sdkVersion: request.sdkVersion },
        code: script.fileBody,
      }),
    ),
  );
  return [...flows, ...events];
}

function frequencyOf(integration: string, name: string, runs: string | null): number {
  const parsed = parseFrequency(runs ?? '');
  if (parsed.ok) return parsed.ms;
  throw problem('invalid_body', {
    errors: [{ code: 'custom', message: `${integration}/${name}: ${parsed.message}`, path: ['flowConfigs', name, 'runs'] }],
  });
}

/** How many connections each integration has, by its id. */
export type Impact = ReadonlyMap<number, number>;

/** The plan as the wire has it. A sync says how many connections it is of: commands of the reference system ask before they delete one that has any. */
export function wirePlan(plan: Plan, impact: Impact): DeploymentPlan {
  const integrations = [
    ...plan.changes.map(({ incoming }) => incoming.integration),
    ...plan.deletions.map(({ integration }) => integration),
  ];
  const connections = new Map(integrations.map(({ id, uniqueKey }) => [uniqueKey, impact.get(id) ?? 0]));
  const counted = <T extends { providerConfigKey: string }>(syncs: T[]) =>
    syncs.map((sync) => ({ ...sync, connections: connections.get(sync.providerConfigKey) ?? 0 }));
  const changed = (type: FunctionType, isNew: boolean) =>
    plan.changes
      .filter(({ incoming, existing }) => incoming.type === type && !existing === isNew)
      .map(({ incoming, existing }) => ({
        name: incoming.name,
        providerConfigKey: incoming.integration.uniqueKey,
        ...(existing ? { id: existing.id, enabled: existing.enabled } : {}),
        ...(type === 'sync' ? { auto_start: incoming.config.autoStart } : {}),
        ...(type === 'on-event' ? { event: incoming.event } : {}),
      }));
  const unchanged = plan.unchanged.map(({ incoming: { name, type, integration } }) => ({
    name,
    type,
    providerConfigKey: integration.uniqueKey,
  }));
  const deleted = (type: FunctionType) =>
    plan.deletions
      .filter(({ fn }) => fn.type === type)
      .map(({ fn, integration }) => ({ id: fn.id, name: fn.name, providerConfigKey: integration.uniqueKey, event: fn.event }));
  return {
    newSyncs: counted(changed('sync', true)),
    updatedSyncs: counted(changed('sync', false)),
    deletedSyncs: counted(deleted('sync')),
    newActions: changed('action', true),
    updatedActions: changed('action', false),
    deletedActions: deleted('action'),
    newOnEventScripts: changed('on-event', true),
    updatedOnEventScripts: changed('on-event', false),
    deletedOnEventScripts: deleted('on-event'),
    unchanged,
    deletedModels: lostModels(plan, impact),
  };
}

/** Models that a connection has records of and that no sync of its integration would keep any more: of deleted syncs, and dropped or renamed in others. */
function lostModels({ changes, unchanged, deletions }: Plan, impact: Impact): string[] {
  const key = (integrationId: number, model: string) => `${integrationId}/${model}`;
  const kept = new Set(
    [...changes, ...unchanged].flatMap(({ incoming: { integration, config } }) => config.models.map((model) => key(integration.id, model))),
  );
  const before = [...deletions.map(({ fn }) => fn), ...changes.flatMap(({ existing }) => existing ?? [])];
  const lost = before
    .filter(({ type, integrationId }) => type === 'sync' && (impact.get(integrationId) ?? 0) > 0)
    .flatMap(({ integrationId, config }) => config.models.filter((model) => !kept.has(key(integrationId, model))));
  return [...new Set(lost)];
}
