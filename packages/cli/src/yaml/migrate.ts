/**
 * One function of a `nango.yaml` project, rewritten as code: its own text stays, its exports become a `create*` call made of what the YAML declared.
 * Only statements at the top of the file are touched, found by a parser and not by patterns. Pure.
 */
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import type { Located } from './definitions.ts';
import { sdkTypes } from './models-file.ts';
import type { YamlFunction } from './read.ts';

export type Migrated = { file: string; text: string };
type Edit = { start: number; end: number; text: string };

const folders = { sync: 'syncs', action: 'actions', onEvent: 'on-events' } as const;
const creates = { sync: 'createSync', action: 'createAction', onEvent: 'createOnEvent' } as const;

/** @param models the names there are @throws Error when the file is no module with a default function */
export function migrateFunction({ fn, entry }: Located, source: string, models: ReadonlySet<string>): Migrated {
  const file = `${fn.integration}/${folders[fn.kind]}/${fn.name}.ts`;
  const { program, errors } = parseSync(entry.file, source);
  if (errors.length > 0) throw new Error(errors[0]?.message ?? 'cannot be read');
  const edits: Edit[] = [];
  const wanted = { sdk: new Set<string>(), models: new Set<string>() };
  let exec: string | undefined;
  let onWebhook: string | undefined;
  for (const statement of program.body) {
    const { start, end } = statement;
    if (statement.type === 'ImportDeclaration') {
      const from = statement.source.value;
      if (!from.startsWith('.')) continue;
      if (!/(?:^|\/)models(?:\.js|\.ts)?$/.test(from)) {
        edits.push({ start: statement.source.start, end: statement.source.end, text: `'${moved(from, entry.file, file)}'` });
        continue;
      }
      for (const { local } of statement.specifiers) wanted[sdkTypes.some((name) => name === local.name) ? 'sdk' : 'models'].add(local.name);
      edits.push({ start, end: source[end] === '\n' ? end + 1 : end, text: '' });
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      if (declaration.type === 'Identifier') {
        exec = declaration.name;
        edits.push({ start, end, text: '' });
      } else {
        const named = declaration.type === 'FunctionDeclaration' ? declaration.id?.name : undefined;
        exec = named ?? 'run';
        edits.push({ start, end: declaration.start, text: named === undefined ? 'const run = ' : '' });
      }
    } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration?.type === 'FunctionDeclaration') {
      if (statement.declaration.id?.name !== 'onWebhookPayloadReceived') continue;
      onWebhook = 'onWebhookPayloadReceived';
      edits.push({ start, end: statement.declaration.start, text: '' });
    }
  }
  if (exec === undefined) throw new Error('has no default export');
  const { text: call, uses } = definitionText(fn, exec, onWebhook, models);
  const body = edits.reduceRight((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), source).trim();
  return { file, text: [imports(fn, wanted, uses), body, call].filter(Boolean).join('\n\n') };
}

/** A relative import as seen from the file's new place, with the extension that modules need. */
function moved(from: string, before: string, after: string): string {
  const target = posix.join(posix.dirname(before), from).replace(/\.(?:ts|js)$/, '');
  const path = posix.relative(posix.dirname(after), target);
  return `${path.startsWith('.') ? path : `./${path}`}${/\.json$/.test(from) ? '' : '.js'}`;
}

function imports(fn: YamlFunction, wanted: { sdk: Set<string>; models: Set<string> }, uses: Uses): string {
  const sdk = [...wanted.sdk].sort().map((name) => `type ${name}`);
  const values = new Set([...uses.models, ...[...wanted.models].filter((name) => name === 'ActionError')]);
  const types = [...wanted.models].filter((name) => !values.has(name)).map((name) => `type ${name}`);
  const named = [...[...values].sort(), ...types.sort()];
  return [
    `import { ${[creates[fn.kind], ...sdk].join(', ')} } from 'bowline';`,
    ...(uses.zod ? ["import { z } from 'zod';"] : []),
    ...(named.length > 0 ? [`import { ${named.join(', ')} } from '../../models.js';`] : []),
  ].join('\n');
}

type Uses = { models: Set<string>; zod: boolean };

function definitionText(
  fn: YamlFunction,
  exec: string,
  onWebhook: string | undefined,
  models: ReadonlySet<string>,
): { text: string; uses: Uses } {
  const zods = fn.kind === 'action' ? { input: fn.input, output: fn.output } : fn.kind === 'sync' ? { metadata: fn.metadata } : {};
  const saved = fn.kind === 'sync' ? fn.models : [];
  const texts = Object.values(zods).filter((text) => text !== undefined);
  const words = texts.flatMap((text) => text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/\w+/g) ?? []);
  const uses: Uses = {
    models: new Set([...saved, ...words.filter((word) => models.has(word))]),
    zod: texts.some((text) => text.startsWith('z.')),
  };
  const lines = Object.entries({ ...optionsOf(fn), ...zods }).flatMap(([name, text]) =>
    text === undefined ? [] : [`  ${name}: ${text},`],
  );
  if (saved.length > 0) lines.push(`  models: { ${saved.join(', ')} },`);
  lines.push(exec === 'exec' ? '  exec,' : `  exec: ${exec},`);
  if (onWebhook) lines.push(`  onWebhook: ${onWebhook},`);
  return { text: `export default ${creates[fn.kind]}({\n${lines.join('\n')}\n});\n`, uses };
}

/** As TypeScript. What the YAML leaves out is written where the default in code is another. */
function optionsOf(fn: YamlFunction): Record<string, string | undefined> {
  if (fn.kind === 'onEvent') return { description: text(fn.name), event: text(fn.event) };
  const shared = {
    description: text(fn.description || fn.name),
    version: fn.version === '' ? undefined : text(fn.version),
    scopes: fn.scopes.length > 0 ? text(fn.scopes) : undefined,
  };
  if (fn.kind === 'action') return { ...shared, endpoint: fn.endpoints[0] && text(fn.endpoints[0]) };
  return {
    ...shared,
    frequency: text(fn.frequency),
    autoStart: String(fn.autoStart),
    syncType: fn.syncType === 'incremental' ? text('incremental') : undefined,
    trackDeletes: fn.trackDeletes ? 'true' : undefined,
    endpoints: fn.endpoints.length > 0 ? text(fn.endpoints) : undefined,
    webhookSubscriptions: fn.webhookSubscriptions.length > 0 ? text(fn.webhookSubscriptions) : undefined,
  };
}

const text = (value: unknown): string => JSON.stringify(value);
