/**
 * What a function declares, read from its default export: a door, so everything is checked and each problem says where and what to write.
 * Types catch most of this in the editor; this holds for what types cannot say and for projects that are not type-checked.
 */
import { parseFrequency } from '@bowline/functions/frequency';
import type { z } from 'zod';
import type { Diagnostic } from './diagnostic.ts';
import type { Entry } from './entry.ts';
import { createLocator } from './locate.ts';
import { type Complain, type Endpoint, isRecord, isSchema, Options } from './options.ts';

export type OnEvent = (typeof events)[number];

type Common = { entry: Entry; source: string; description: string; version: string; scopes: string[]; usesCheckpoints: boolean };
export type SyncDefinition = Common & {
  kind: 'sync';
  frequency: string;
  models: Record<string, z.ZodType>;
  metadata: z.ZodType | undefined;
  autoStart: boolean;
  trackDeletes: boolean;
  syncType: 'full' | 'incremental';
  endpoints: Endpoint[];
  webhookSubscriptions: string[];
  webhookOrder?: 'connection';
};
export type ActionDefinition = Common & { kind: 'action'; input: z.ZodType; output: z.ZodType; endpoint: Endpoint | undefined };
export type OnEventDefinition = Common & { kind: 'onEvent'; event: OnEvent };
export type Definition = SyncDefinition | ActionDefinition | OnEventDefinition;

/** Without its schemas, which only an evaluated bundle has: what can be kept as JSON, and is deployed. */
export type Declared = Omit<SyncDefinition, 'models' | 'metadata'> | Omit<ActionDefinition, 'input' | 'output'> | OnEventDefinition;

export const declaredOf = (definition: Definition): Declared => {
  if (definition.kind === 'sync') {
    const { models: _models, metadata: _metadata, ...rest } = definition;
    return rest;
  }
  if (definition.kind === 'onEvent') return definition;
  const { input: _input, output: _output, ...rest } = definition;
  return rest;
};

export const events = ['post-connection-creation', 'pre-connection-deletion', 'validate-connection'] as const;

export const readDefinition = (entry: Entry, source: string, exported: unknown): { definition?: Definition; problems: Diagnostic[] } => {
  const problems: Diagnostic[] = [];
  const locate = createLocator(entry.file, source);
  const complain = (option: string | undefined, code: string, message: string): void => {
    problems.push({ severity: 'error', code, message: option === undefined ? message : `${option}: ${message}`, ...locate(option) });
  };
  const options = new Options(exported, complain);
  const definition = readKind(entry, source, options, complain);
  return problems.length > 0 || !definition ? { problems } : { definition, problems };
};

const readKind = (entry: Entry, source: string, options: Options, complain: Complain): Definition | undefined => {
  if (!/^[a-zA-Z0-9_-]{1,255}$/.test(entry.name)) {
    complain(undefined, 'invalid_name', `The file's name is the function's name: letters, digits, - and _ only, not "${entry.name}".`);
  }
  if (!/^[a-zA-Z0-9~:.@ _-]{1,255}$/.test(entry.integration)) {
    complain(undefined, 'invalid_integration', `The first folder is the integration's unique key; "${entry.integration}" cannot be one.`);
  }
  const kind = options.raw('type');
  if (kind !== 'sync' && kind !== 'action' && kind !== 'onEvent') {
    complain(
      undefined,
      'invalid_default_export',
      'The default export must be a createSync({…}), createAction({…}) or createOnEvent({…}). Write: export default createSync({…});',
    );
    return undefined;
  }
  if (typeof options.raw('exec') !== 'function')
    complain('exec', 'missing_exec', 'the function itself is missing. Write: exec: async (nango) => {…}');
  const common = {
    entry,
    source,
    description: options.text('description', 2000),
    version: options.optionalText('version'),
    scopes: options.texts('scopes'),
    usesCheckpoints: /\bnango\s*\.\s*(get|save|clear)Checkpoint\b/.test(source),
  };
  if (kind === 'sync') return readSync(common, options, complain);
  if (kind === 'action') return readAction(common, options);
  return readOnEvent(common, options, complain);
};

const readSync = (common: Common, options: Options, complain: Complain): SyncDefinition => {
  const frequency = options.text('frequency');
  const parsed = parseFrequency(frequency);
  if (frequency !== '' && !parsed.ok) complain('frequency', 'invalid_frequency', parsed.message);
  const models = readModels(options.raw('models'), complain);
  const trackDeletes = options.raw('trackDeletes') === true;
  const syncType = options.raw('syncType') === 'incremental' ? 'incremental' : 'full';
  if (trackDeletes && syncType === 'incremental') {
    complain(
      'trackDeletes',
      'incremental_track_deletes',
      'an incremental sync does not see everything, so it cannot tell what was deleted. Use trackDeletesStart and trackDeletesEnd in a full crawl.',
    );
  }
  const endpoints = options.endpoints('endpoints');
  if (endpoints.length > 0 && endpoints.length !== Object.keys(models).length) {
    complain(
      'endpoints',
      'endpoints_mismatch',
      `${endpoints.length} endpoints for ${Object.keys(models).length} models; write one each, or none.`,
    );
  }
  const webhookSubscriptions = options.texts('webhookSubscriptions');
  if (webhookSubscriptions.length > 0 && typeof options.raw('onWebhook') !== 'function') {
    complain(
      'webhookSubscriptions',
      'missing_on_webhook',
      'nothing would handle these webhooks. Write: onWebhook: async (nango, payload) => {…}',
    );
  }
  return {
    ...common,
    kind: 'sync',
    frequency,
    models,
    metadata: options.schema('metadata', false),
    autoStart: options.raw('autoStart') === true,
    trackDeletes,
    syncType,
    endpoints,
    webhookSubscriptions,
    ...(options.raw('webhookOrder') === 'connection' && { webhookOrder: 'connection' as const }),
  };
};

const readModels = (value: unknown, complain: Complain): Record<string, z.ZodType> => {
  const models: Record<string, z.ZodType> = {};
  const entries = isRecord(value) ? Object.entries(value) : [];
  if (entries.length === 0)
    complain('models', 'missing_models', 'a sync saves at least one model. Write: models: { Issue: z.object({ id: z.string() }) }');
  for (const [name, schema] of entries) {
    if (!/^[A-Z][a-zA-Z0-9_]+$/.test(name))
      complain('models', 'invalid_model_name', `"${name}" must begin with a capital and hold letters, digits and _ only.`);
    if (!isSchema(schema)) complain('models', 'invalid_model', `${name} must be a z.object({…}).`);
    else if (!hasStringId(schema))
      complain('models', 'model_missing_id', `${name} needs a string id that identifies a record. Write: id: z.string()`);
    else models[name] = schema;
  }
  return models;
};

const readAction = (common: Common, options: Options): ActionDefinition | undefined => {
  const [endpoint] = options.endpoints('endpoint');
  const input = options.schema('input', true);
  const output = options.schema('output', true);
  return input && output && { ...common, kind: 'action', input, output, endpoint };
};

const readOnEvent = (common: Common, options: Options, complain: Complain): OnEventDefinition | undefined => {
  const event = events.find((name) => name === options.raw('event'));
  if (!event) complain('event', 'invalid_event', `must be one of ${events.map((name) => `'${name}'`).join(', ')}.`);
  return event && { ...common, kind: 'onEvent', event };
};

const hasStringId = (schema: z.ZodType): boolean => {
  const { def } = schema._zod;
  if (def.type !== 'object' || !('shape' in def) || !isRecord(def.shape)) return false;
  const { id } = def.shape;
  return isSchema(id) && id._zod.def.type === 'string';
};
