/** The older list of deployed functions, by integration (not by provider: two integrations of one provider stay apart), and the same as tools. */
import type { Script, ScriptsOfIntegration, Tool } from '@bowline/api/functions';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { listIntegrations } from '../integrations/find.ts';
import { endpointsOf } from './endpoints.ts';
import { listFunctions } from './find.ts';
import type { DeployedFunction, FunctionType } from './function.ts';
import { inputModel } from './input-model.ts';

export async function scriptsByIntegration(world: Pick<World, 'db'>, scope: Scope): Promise<ScriptsOfIntegration[]> {
  const [integrations, functions] = await Promise.all([listIntegrations(world, scope), listFunctions(world, scope)]);
  return integrations
    .map((integration) => {
      const own = functions.filter((fn) => fn.integrationId === integration.id);
      const wire = (type: FunctionType) => own.filter((fn) => fn.type === type).map(wireScript);
      return {
        providerConfigKey: integration.uniqueKey,
        provider: integration.provider,
        syncs: wire('sync'),
        actions: wire('action'),
        'on-events': wire('on-event'),
      };
    })
    .filter(({ syncs, actions, 'on-events': events }) => syncs.length + actions.length + events.length > 0);
}

function wireScript(fn: DeployedFunction): Script {
  const { config } = fn;
  return {
    id: fn.id,
    name: fn.name,
    type: fn.type,
    returns: config.models,
    description: config.description ?? '',
    attributes: config.attributes ?? {},
    scopes: config.scopes ?? [],
    version: fn.version,
    source: fn.source,
    endpoints: endpointsOf(config).map(({ method, path, group }) => ({ method, path, group: group ?? null })),
    ...(config.input ? { input: config.input } : {}),
    enabled: fn.enabled,
    last_deployed: fn.deployedAt.toISOString(),
    webhookSubscriptions: config.webhookSubscriptions ?? [],
    json_schema: config.schema ?? null,
    sdk_version: config.sdkVersion ?? null,
    models: config.models,
    features: config.features ?? [],
    ...(fn.type === 'sync'
      ? {
          sync_type: config.syncType ?? null,
          auto_start: config.autoStart,
          runs: config.runs ?? null,
          track_deletes: config.trackDeletes,
        }
      : {}),
    ...(fn.type === 'on-event' ? { event: fn.event ?? '' } : {}),
  };
}

/** Syncs take no parameters; an action's are the fields of its input. */
export async function listTools(world: Pick<World, 'db'>, scope: Scope): Promise<Tool[]> {
  const functions = await listFunctions(world, scope);
  return functions.filter(({ type }) => type !== 'on-event').map(toolOf);
}

function toolOf({ type, name, config }: DeployedFunction): Tool {
  const { description = '' } = config;
  const { properties, required } = type === 'action' ? inputOf(config) : { properties: {}, required: [] };
  const said = describedIn(description);
  const described = Object.entries(properties).map(([key, schema]) => {
    const text = said.get(key);
    return [key, text === undefined || schema.description !== undefined ? schema : { ...schema, description: text }];
  });
  return { name, description, parameters: { type: 'object', properties: Object.fromEntries(described), required } };
}

type Fields = { properties: Record<string, Record<string, unknown>>; required: string[] };

/** Of an input that is no object, a model cannot fill fields: it has none. */
function inputOf(config: DeployedFunction['config']): Fields {
  const { properties, required } = inputModel(config) ?? {};
  return {
    properties: Object.fromEntries(Object.entries(Object(properties)).map(([key, value]) => [key, { ...Object(value) }])),
    required: Array.isArray(required) ? required.filter((key) => typeof key === 'string') : [],
  };
}

/** Lines such as `- title: What the issue is about` describe fields, where authors wrote a list into the description. */
function describedIn(description: string): Map<string, string> {
  const lines = description.matchAll(/^\s*[-*]\s+`?([\w.-]+)`?\s*:\s*(.+?)\s*$/gm);
  return new Map([...lines].map(([, key = '', text = '']) => [key, text]));
}
