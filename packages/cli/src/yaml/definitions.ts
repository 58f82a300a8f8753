/** The functions of a `nango.yaml` project as those of a project in code: where their files are, and what they declare. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Definition } from '@bowline/compile/definition';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Entry } from '@bowline/compile/entry';
import type { z } from 'zod';
import { evaluateModels } from './models.ts';
import type { YamlFunction, YamlProject } from './read.ts';

const folders = { sync: 'syncs', action: 'actions', onEvent: 'on-events' } as const;

export type Located = { fn: YamlFunction; entry: Entry };

/** `<integration>/syncs/<name>.ts`, or `<name>.ts` beside the YAML file, where older projects have them. */
export function locate(root: string, { functions }: YamlProject): { located: Located[]; problems: Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const located = functions.flatMap((fn) => {
    const nested = `${fn.integration}/${folders[fn.kind]}/${fn.name}.ts`;
    const older = [`${fn.integration}/post-connection-scripts/${fn.name}.ts`, `${fn.name}.ts`];
    const file = [nested, ...older].find((one) => existsSync(join(root, one)));
    if (file === undefined) {
      problems.push({ severity: 'error', file: 'nango.yaml', message: `There is no file ${nested} for ${fn.integration} → ${fn.name}.` });
      return [];
    }
    const out = [fn.integration, folders[fn.kind], fn.name].join('_');
    return [{ fn, entry: { file, integration: fn.integration, name: fn.name, out } }];
  });
  return { located, problems };
}

/** Names of the schemas that no model is: `metadata`, `input` and `output` of a function. */
const key = ({ kind, integration, name }: YamlFunction, part: string): string => [kind, integration, name, part].join(' ');

export function evaluateAll({ functions, models }: YamlProject): Record<string, z.ZodType> {
  const extra = functions.flatMap((fn): [string, string][] => {
    if (fn.kind === 'action')
      return [
        [key(fn, 'input'), fn.input],
        [key(fn, 'output'), fn.output],
      ];
    return fn.kind === 'sync' && fn.metadata ? [[key(fn, 'metadata'), fn.metadata]] : [];
  });
  return evaluateModels(models, Object.fromEntries(extra));
}

export function definitionOf({ fn, entry }: Located, root: string, schemas: Readonly<Record<string, z.ZodType>>): Definition | undefined {
  const source = readFileSync(join(root, entry.file), 'utf8');
  const usesCheckpoints = /\bnango\s*\.\s*(?:get|save|clear)Checkpoint\b/.test(source);
  const common = { entry, source, usesCheckpoints };
  if (fn.kind === 'onEvent') return { ...common, kind: 'onEvent', event: fn.event, description: '', version: '', scopes: [] };
  const { description, version, scopes, endpoints } = fn;
  const shared = { ...common, description, version, scopes };
  if (fn.kind === 'action') {
    const [input, output] = [schemas[key(fn, 'input')], schemas[key(fn, 'output')]];
    return input && output && { ...shared, kind: 'action', input, output, endpoint: endpoints[0] };
  }
  const { frequency, autoStart, trackDeletes, syncType, webhookSubscriptions } = fn;
  const models = Object.fromEntries(fn.models.flatMap((name) => (schemas[name] ? [[name, schemas[name]] as const] : [])));
  const metadata = schemas[key(fn, 'metadata')];
  return { ...shared, kind: 'sync', frequency, models, metadata, autoStart, trackDeletes, syncType, endpoints, webhookSubscriptions };
}
