/** `.nango/nango.json`: what each function declares, for other tools. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { events } from '@bowline/compile/definition';
import type { Compiled } from './compiled.ts';
import { writeChanged } from './write.ts';

export const writeManifest = async (root: string, compiled: readonly Compiled[]): Promise<void> => {
  await mkdir(join(root, '.nango'), { recursive: true });
  await writeChanged(join(root, '.nango', 'nango.json'), `${JSON.stringify(manifestOf(compiled), null, 2)}\n`);
};

const manifestOf = (compiled: readonly Compiled[]) => {
  const integrations = [...new Set(compiled.map(({ definition }) => definition.entry.integration))];
  return integrations.map((providerConfigKey) => {
    const own = compiled.filter(({ definition }) => definition.entry.integration === providerConfigKey);
    return {
      providerConfigKey,
      syncs: own.flatMap(syncOf),
      actions: own.flatMap(actionOf),
      onEventScripts: Object.fromEntries(
        events.map((event) => [
          event,
          own.flatMap(({ definition }) => (definition.kind === 'onEvent' && definition.event === event ? [definition.entry.name] : [])),
        ]),
      ),
    };
  });
};

const syncOf = ({ definition, schemas }: Compiled) => {
  if (definition.kind !== 'sync' || !schemas) return [];
  return [
    {
      ...commonOf({ definition, schemas }),
      output: schemas.models,
      runs: definition.frequency,
      auto_start: definition.autoStart,
      track_deletes: definition.trackDeletes,
      sync_type: definition.syncType,
      endpoints: definition.endpoints,
      webhookSubscriptions: definition.webhookSubscriptions,
    },
  ];
};

const actionOf = ({ definition, schemas }: Compiled) => {
  if (definition.kind !== 'action' || !schemas) return [];
  return [{ ...commonOf({ definition, schemas }), output: schemas.models, endpoint: definition.endpoint ?? null }];
};

const commonOf = ({ definition, schemas }: Pick<Compiled, 'definition'> & { schemas: NonNullable<Compiled['schemas']> }) => ({
  type: definition.kind,
  name: definition.entry.name,
  description: definition.description,
  version: definition.version,
  scopes: definition.scopes,
  input: schemas.input ?? null,
  usedModels: Object.keys(schemas.schema.definitions),
  json_schema: schemas.schema,
  features: definition.usesCheckpoints ? ['checkpoints'] : [],
});
