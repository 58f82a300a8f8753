/**
 * Bundles of functions with one trigger each. A trigger decides what a function is here: none an action, a schedule a sync, an event an
 * on-event function. Only what came with a bundle is updated or deleted by one, so bundles and the older deployments leave each other alone.
 */
import { hash } from 'node:crypto';
import { onEvents } from '@bowline/api/deploy';
import { type BundledFunction, type BundlePlan, type FunctionBundle, nameOf } from '@bowline/api/function-bundle';
import { problem } from '@bowline/api/problem';
import { parseFrequency } from '@bowline/functions/frequency';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';
import { listIntegrations } from '../integrations/find.ts';
import type { Integration } from '../integrations/integration.ts';
import { applyPlan } from './deploy.ts';
import { lockDeployments } from './deployment.ts';
import { listFunctions } from './find.ts';
import type { DeployedFunction, FunctionConfig, FunctionType } from './function.ts';
import { functionCount, inActivityLog } from './logged.ts';
import type { Change, Incoming, Plan } from './plan.ts';

/** @throws unknown_provider_config, invalid_request, invalid_body, concurrent_deployment */
export function deployBundle(world: World, scope: Scope, bundle: FunctionBundle): Promise<BundlePlan> {
  return inActivityLog(world, scope, {
    title: `Deploy a bundle of ${functionCount(bundle.functions.length)}`,
    work: (operationId) =>
      lockDeployments(world, scope, async (tx) => {
        const { plan, wire } = await planBundle({ db: tx }, scope, bundle);
        const { deployment } = await applyPlan(tx, scope, plan, { source: 'repo', reconcile: true, operationId });
        return { deployment, done: wire };
      }),
    lines: (planned) =>
      Object.entries(planned).flatMap(([what, all]) => all.map(({ integrationId, name }) => `${integrationId}: ${name} ${what}`)),
  });
}

/** @throws unknown_provider_config, invalid_request, invalid_body */
export async function planBundle(
  world: Pick<World, 'db'>,
  scope: Scope,
  { reconciliationScope: within, functions }: FunctionBundle,
): Promise<{ plan: Plan; wire: BundlePlan }> {
  const integrations = await listIntegrations(world, scope);
  const find = (key: string) => {
    const found = integrations.find(({ uniqueKey }) => uniqueKey === key);
    if (!found)
      throw problem('unknown_provider_config', { message: `There is no integration "${key}" in this environment; create it first` });
    return found;
  };
  if (within.kind === 'integration') find(within.integrationId);
  const existing = await listFunctions(world, scope);
  const all = functions.map((fn) => changeOf(fn, find(fn.integrationId), existing));
  const unchanged = all.filter(({ incoming, existing: old }) => old && isSame(incoming, old));
  const changes = all.filter((change) => !unchanged.includes(change));
  const keptIds = new Set(all.flatMap(({ existing: old }) => old?.id ?? []));
  const deletions = existing.flatMap((fn) => {
    const integration = integrations.find(({ id }) => id === fn.integrationId);
    const inScope = integration && (within.kind === 'environment' || integration.uniqueKey === within.integrationId);
    return inScope && fn.config.isBundled && !keptIds.has(fn.id) ? [{ fn, integration }] : [];
  });
  const named = ({ incoming: { integration, name } }: Change) => ({ integrationId: integration.uniqueKey, name });
  const wire = {
    created: changes.filter(({ existing: old }) => !old).map(named),
    updated: changes.filter(({ existing: old }) => old).map(named),
    unchanged: unchanged.map(named),
    deleted: deletions.map(({ fn, integration }) => ({ integrationId: integration.uniqueKey, name: fn.name })),
  };
  return { plan: { changes, unchanged, deletions }, wire };
}

/** A function whose trigger became another kind is deleted and created: what it is here has changed. */
function changeOf(fn: BundledFunction, integration: Integration, all: readonly DeployedFunction[]): Change {
  const incoming = incomingOf(fn, integration);
  const existing = all.find(
    ({ integrationId, type, name }) => integrationId === integration.id && type === incoming.type && name === fn.name,
  );
  if (existing && !existing.config.isBundled) {
    const message = `"${fn.name}" of ${fn.integrationId} was deployed in another way; delete it there, or choose another name`;
    throw problem('invalid_request', { message });
  }
  return { incoming, existing };
}

function incomingOf(fn: BundledFunction, integration: Integration): Incoming {
  const { trigger, fileBody, input_schema_ref: input, output_schema_ref: output } = fn;
  const models = (trigger.kind === 'schedule' ? fn.model_schema_refs : output === null ? [] : [output]).map(nameOf);
  const given = trigger.kind === 'schedule' ? fn.metadata_schema_ref : input;
  const config: FunctionConfig = {
    isBundled: true,
    description: fn.description,
    models,
    ...(given === null ? {} : { input: nameOf(given) }),
    runs: trigger.kind === 'schedule' ? trigger.frequency : null,
    autoStart: trigger.kind === 'schedule' && trigger.autoStart === true,
    trackDeletes: false,
    schema: { definitions: fn.json_schema.definitions ?? {} },
    ...(fn.checkpoint_schema_ref === null ? {} : { features: ['checkpoints'] }),
  };
  return {
    integration,
    type: types[trigger.kind],
    name: fn.name,
    event: trigger.kind === 'event' ? eventOf(fn.name, trigger.events) : null,
    version: hash('sha256', JSON.stringify([fileBody.js, fileBody.ts, config]), 'hex'),
    frequencyMs: trigger.kind === 'schedule' ? frequencyOf(fn.name, trigger.frequency) : null,
    config,
    code: fileBody,
  };
}

/** The contract refuses functions that webhooks trigger; there is nobody to call them. */
const types: Record<BundledFunction['trigger']['kind'], FunctionType> = {
  none: 'action',
  http: 'action',
  schedule: 'sync',
  event: 'on-event',
};

function eventOf(name: string, [event, ...others]: readonly string[]): string {
  const known = onEvents.find((one) => one === event);
  if (known !== undefined && others.length === 0) return known;
  throw refused(name, `Must be one event of ${onEvents.join(', ')}`, 'events');
}

function frequencyOf(name: string, frequency: string): number {
  const parsed = parseFrequency(frequency);
  if (parsed.ok) return parsed.ms;
  throw refused(name, parsed.message, 'frequency');
}

const refused = (name: string, message: string, option: string) =>
  problem('invalid_body', { errors: [{ code: 'custom', message: `${name}: ${message}`, path: ['functions', name, 'trigger', option] }] });

/** The version is the hash of all that a bundle says of a function. */
const isSame = (incoming: Incoming, existing: DeployedFunction) =>
  incoming.version === existing.version && incoming.event === existing.event;
