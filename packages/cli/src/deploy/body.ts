/** The body of a deploy request, as the server strictly expects it: unknown keys are refused. Pure. */
import type { Compiled } from '../compile/compiled.ts';
import type { ActionDefinition, OnEventDefinition, SyncDefinition } from '../compile/definition.ts';
import type { ModelSchemas } from '../compile/json-schema.ts';
import type { DeployMode } from './select.ts';

export type DeployBody = ReturnType<typeof deployBody>;

/** `-zero` tells the server that the default export is a definition, not a bare function. */
export const deployBody = (compiled: readonly Compiled[], deployMode: DeployMode, version: string) => {
  const onEvents =
    deployMode === 'single' ? [] : compiled.flatMap(({ definition, js }) => (definition.kind === 'onEvent' ? [{ definition, js }] : []));
  return {
    flowConfigs: compiled.flatMap(({ definition, js, schemas }) =>
      definition.kind === 'onEvent' || !schemas ? [] : [flowOf(definition, js, schemas)],
    ),
    ...(deployMode !== 'single' && { onEventScriptsByProvider: groupByIntegration(onEvents) }),
    deployMode,
    debug: false,
    sdkVersion: `${version}-zero`,
  };
};

const flowOf = (definition: SyncDefinition | ActionDefinition, js: string, schemas: ModelSchemas) => ({
  type: definition.kind,
  syncName: definition.entry.name,
  providerConfigKey: definition.entry.integration,
  models: schemas.models,
  ...(schemas.input !== undefined && { input: schemas.input }),
  ...(definition.kind === 'sync' ? scheduleOf(definition) : { runs: '', endpoints: definition.endpoint ? [definition.endpoint] : [] }),
  version: definition.version,
  metadata: { description: definition.description, scopes: definition.scopes },
  attributes: {},
  fileBody: { js, ts: definition.source },
  models_json_schema: schemas.schema,
  ...(definition.usesCheckpoints && { features: ['checkpoints'] }),
});

const scheduleOf = (definition: SyncDefinition) => ({
  runs: definition.frequency,
  auto_start: definition.autoStart,
  track_deletes: definition.trackDeletes,
  sync_type: definition.syncType,
  endpoints: definition.endpoints,
  webhookSubscriptions: definition.webhookSubscriptions,
});

const groupByIntegration = (onEvents: readonly { definition: OnEventDefinition; js: string }[]) =>
  [...new Set(onEvents.map(({ definition }) => definition.entry.integration))].map((providerConfigKey) => ({
    providerConfigKey,
    scripts: onEvents
      .filter(({ definition }) => definition.entry.integration === providerConfigKey)
      .map(({ definition, js }) => ({ name: definition.entry.name, event: definition.event, fileBody: { js, ts: definition.source } })),
  }));
