/** A sync or action as a deployment has it, without its code. The server refuses unknown keys, so these are all. */
import type { Declared } from './definition.ts';
import type { ModelSchemas } from './json-schema.ts';

export type Flow = ReturnType<typeof flowOf>;
type Sync = Extract<Declared, { kind: 'sync' }>;
type Action = Extract<Declared, { kind: 'action' }>;

export const flowOf = (definition: Sync | Action, schemas: ModelSchemas) => ({
  type: definition.kind,
  syncName: definition.entry.name,
  providerConfigKey: definition.entry.integration,
  models: schemas.models,
  ...(schemas.input !== undefined && { input: schemas.input }),
  ...(definition.kind === 'sync' ? scheduleOf(definition) : { runs: '', endpoints: definition.endpoint ? [definition.endpoint] : [] }),
  version: definition.version,
  metadata: { description: definition.description, scopes: definition.scopes },
  attributes: {},
  models_json_schema: schemas.schema,
  ...(definition.usesCheckpoints && { features: ['checkpoints' as const] }),
});

const scheduleOf = (definition: Sync) => ({
  runs: definition.frequency,
  auto_start: definition.autoStart,
  track_deletes: definition.trackDeletes,
  sync_type: definition.syncType,
  endpoints: definition.endpoints,
  webhookSubscriptions: definition.webhookSubscriptions,
  ...(definition.webhookOrder && { webhookOrder: definition.webhookOrder }),
});
