/** `.nango/nango.json`: what each function declares, for other tools. */
import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { events } from '@bowline/compile/definition';
import type { Compiled } from './compiled.ts';
import { stampOf } from './graph.ts';
import { replaceFile } from './write.ts';

/** @param parts see `manifestParts` */
export const writeManifest = async (root: string, parts: readonly Buffer[]): Promise<void> => {
  const file = join(root, '.nango', 'nango.json');
  const before = last.get(root);
  const stamp = stampOfFile(file);
  if (before?.stamp === stamp && isSame(before.parts, parts)) return;
  const bytes = Buffer.concat(parts);
  if (stamp === '' || !readFileSync(file).equals(bytes)) {
    await mkdir(join(root, '.nango'), { recursive: true });
    await replaceFile(file, bytes);
  }
  last.set(root, { parts, stamp: stampOfFile(file) });
};

/** What this process wrote, by project: whoever watches one compiles it again and again, and it may have 50 MB. */
const last = new Map<string, { parts: readonly Buffer[]; stamp: string }>();

const stampOfFile = (file: string): string => {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? stampOf(stats) : '';
};

/** Nearly all are the same objects; the bytes of the others say it without joining and reading all 50 MB. */
const isSame = (some: readonly Buffer[], others: readonly Buffer[]): boolean =>
  some.length === others.length &&
  some.every((part, at) => {
    const other = others[at];
    return other !== undefined && (part === other || part.equals(other));
  });

/** Spaced as `JSON.stringify` would. Of thousands of functions all but a few are as they were, and so are their bytes. */
export const manifestParts = (compiled: readonly Compiled[]): Buffer[] => {
  const integrations = integrationsOf(compiled);
  if (integrations.length === 0) return [fixed('[]\n')];
  return [fixed('[\n'), ...joined(integrations.map(integrationParts), ',\n'), fixed('\n]\n')];
};

const joined = (lists: readonly (readonly Buffer[])[], between: string): Buffer[] =>
  lists.flatMap((parts, at) => (at === 0 ? parts : [fixed(between), ...parts]));

/** The same bytes are the same object. */
const fixed = (text: string): Buffer => {
  const bytes = fixtures.get(text) ?? Buffer.from(text);
  fixtures.set(text, bytes);
  return bytes;
};
const fixtures = new Map<string, Buffer>();

type Own = { readonly providerConfigKey: string; readonly compiled: readonly Compiled[] };

const integrationsOf = (compiled: readonly Compiled[]): Own[] => {
  const byKey = new Map<string, Compiled[]>();
  for (const one of compiled) {
    const { integration } = one.definition.entry;
    const own = byKey.get(integration);
    if (own) own.push(one);
    else byKey.set(integration, [one]);
  }
  return [...byKey].map(([providerConfigKey, own]) => ({ providerConfigKey, compiled: own }));
};

const integrationParts = ({ providerConfigKey, compiled }: Own): Buffer[] => {
  const list = (kind: Kind): Buffer[] => {
    const own = compiled.filter(({ definition }) => definition.kind === kind);
    if (own.length === 0) return [fixed('[]')];
    return [
      fixed('[\n'),
      ...joined(
        own.map((one) => [bytesOf(one)]),
        ',\n',
      ),
      fixed('\n    ]'),
    ];
  };
  const scripts = JSON.stringify(onEventsOf(compiled), null, 2).replaceAll('\n', '\n    ');
  return [
    fixed(`  {\n    "providerConfigKey": ${JSON.stringify(providerConfigKey)},\n    "syncs": `),
    ...list('sync'),
    fixed(',\n    "actions": '),
    ...list('action'),
    fixed(`,\n    "onEventScripts": ${scripts}\n  }`),
  ];
};

const onEventsOf = (compiled: readonly Compiled[]): Record<string, string[]> =>
  Object.fromEntries(
    events.map((event) => [
      event,
      compiled.flatMap(({ definition }) => (definition.kind === 'onEvent' && definition.event === event ? [definition.entry.name] : [])),
    ]),
  );

type Kind = Compiled['definition']['kind'];
/** By the schemas, an object that lives as long as the function stays as it is. */
const known = new WeakMap<object, Buffer>();

const bytesOf = (one: Compiled): Buffer => {
  const before = one.schemas && known.get(one.schemas);
  if (before) return before;
  const texts = [...syncOf(one), ...actionOf(one)].map((each) => JSON.stringify(each, null, 2).replaceAll(/^/gm, '      '));
  const bytes = Buffer.from(texts.join(',\n'));
  if (one.schemas) known.set(one.schemas, bytes);
  return bytes;
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
