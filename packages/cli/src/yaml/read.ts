/**
 * Reads `nango.yaml`: integrations with their syncs, actions and on-event functions, and models. Every problem of the file is told at once, with
 * its line; what the format deprecates is read and said to be so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { events, type OnEvent } from '@bowline/compile/definition';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Endpoint } from '@bowline/compile/options';
import { parseFrequency } from '@bowline/functions/frequency';
import { isCollection, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { attempt, type Model, namesFor, readModels } from './models.ts';
import { type YamlCode, zodOf } from './type.ts';

export const yamlFile = 'nango.yaml';

type Common = { integration: string; name: string; description: string; version: string; scopes: string[]; endpoints: Endpoint[] };
export type YamlSync = Common & {
  kind: 'sync';
  frequency: string;
  autoStart: boolean;
  trackDeletes: boolean;
  syncType: 'full' | 'incremental';
  models: string[];
  /** As zod text. */
  metadata: string | undefined;
  webhookSubscriptions: string[];
};
export type YamlAction = Common & { kind: 'action'; input: string; output: string };
export type YamlOnEvent = Pick<Common, 'integration' | 'name'> & { kind: 'onEvent'; event: OnEvent };
export type YamlFunction = YamlSync | YamlAction | YamlOnEvent;
export type YamlProject = { functions: YamlFunction[]; models: Model[]; problems: Diagnostic[] };

const list = z.union([z.string(), z.array(z.string())]);
const endpoint = z.union([z.string(), z.strictObject({ method: z.string().optional(), path: z.string(), group: z.string().optional() })]);
const version = z.union([z.string(), z.number()]).optional();
const type = z.unknown();
const sync = z.strictObject({
  endpoint: z.union([endpoint, z.array(endpoint)]).optional(),
  output: z.union([z.string(), z.array(z.string())]).optional(),
  runs: z.string(),
  description: z.string().optional(),
  sync_type: z.string().optional(),
  track_deletes: z.boolean().optional(),
  auto_start: z.boolean().optional(),
  version,
  scopes: list.optional(),
  input: type.optional(),
  'webhook-subscriptions': list.optional(),
});
const action = z.strictObject({
  endpoint: endpoint.optional(),
  input: type.optional(),
  output: type.optional(),
  description: z.string().optional(),
  scopes: list.optional(),
  version,
});
const scripts = z.array(z.string());
const integration = z.strictObject({
  provider: z.string().optional(),
  syncs: z.record(z.string(), sync).optional(),
  actions: z.record(z.string(), action).optional(),
  'on-events': z.partialRecord(z.enum(events), scripts).optional(),
  'post-connection-scripts': scripts.optional(),
});
const root = z.strictObject({ integrations: z.record(z.string(), integration), models: z.record(z.string(), z.unknown()).nullish() });
type Integration = z.infer<typeof integration>;
type Complain = (path: readonly PropertyKey[], message: string, severity?: Diagnostic['severity'], code?: YamlCode) => void;

export const isYamlProject = (folder: string): boolean => existsSync(join(folder, yamlFile));

export function readYaml(text: string): YamlProject {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems: Diagnostic[] = [];
  const complain: Complain = (path, message, severity = 'error', code) => {
    problems.push({ severity, file: yamlFile, message, ...placeOf(document, lines, path), ...(code ? { code } : {}) });
  };
  // The first alone: what follows a mistake in YAML is misread from there to the end.
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    const message = `${broken.message.split(' at line ')[0] ?? broken.message}. A type with brackets is quoted within braces: { tags: "string[]" }`;
    return { functions: [], models: [], problems: [{ severity: 'error', file: yamlFile, message, line, column: col }] };
  }
  const parsed = root.safeParse(document.toJS());
  if (!parsed.success) {
    for (const issue of parsed.error.issues) complain(issue.path, explain(issue, document.toJS()));
    return { functions: [], models: [], problems };
  }
  const models = readModels(parsed.data.models ?? {}, complain);
  const known = new Map(models.map((model) => [model.name, model]));
  const functions = Object.entries(parsed.data.integrations).flatMap(([key, given]) => readIntegration(key, given, known, complain));
  return { functions, models, problems };
}

export const readYamlProject = (folder: string): YamlProject => readYaml(readFileSync(join(folder, yamlFile), 'utf8'));

const placeOf = (document: ReturnType<typeof parseDocument>, lines: LineCounter, path: readonly PropertyKey[]) => {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isCollection(parent)) continue;
    const pair = parent.items.find((item) => String(Object(Object(item).key).value) === String(path[depth - 1]));
    const start: unknown = Object(Object(pair).key).range?.[0];
    if (typeof start !== 'number') continue;
    const { line, col } = lines.linePos(start);
    return { line, column: col };
  }
  return {};
};

/** The first version of the format has scripts right below an integration. */
function explain(issue: z.core.$ZodIssue, whole: unknown): string {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys' && issue.path.length === 2 && looksLikeV1(whole, issue.path))
    return `${at}: this is the first version of the format. Put syncs under "syncs:" and actions under "actions:".`;
  return at === '' ? `The file needs "integrations:" (${issue.message})` : `${at}: ${issue.message}`;
}
const looksLikeV1 = (whole: unknown, path: readonly PropertyKey[]): boolean =>
  Object.values(Object(Object(Object(whole).integrations)[path[1] ?? ''])).some(
    (script) => 'returns' in Object(script) || 'runs' in Object(script),
  );

type Known = ReadonlyMap<string, Model>;

function readIntegration(key: string, given: Integration, known: Known, complain: Complain): YamlFunction[] {
  const path = ['integrations', key];
  if (given['on-events'] && given['post-connection-scripts'])
    complain(
      [...path, 'post-connection-scripts'],
      'on-events and post-connection-scripts exclude each other: list the scripts under on-events.',
      'error',
      'both_post_connection_scripts_and_on_events_present',
    );
  const owners = new Map<string, string>();
  const syncs = Object.entries(given.syncs ?? {}).flatMap(([name, one]) => {
    const at = { key, name, path: [...path, 'syncs', name] };
    if (one.output !== undefined) return [readSync(at, one, { known, owners, complain })];
    complain(at.path, `${name} has no output, so it would save nothing; it is left out.`, 'warning');
    return [];
  });
  const actions = Object.entries(given.actions ?? {}).map(([name, one]) =>
    readAction({ key, name, path: [...path, 'actions', name] }, one, { known, complain }),
  );
  const byEvent = { ...given['on-events'] };
  if (given['post-connection-scripts']) {
    byEvent['post-connection-creation'] = given['post-connection-scripts'];
    complain([...path, 'post-connection-scripts'], 'is the former name of on-events: post-connection-creation', 'warning');
  }
  const onEvents = events.flatMap((event) =>
    (byEvent[event] ?? []).map((name) => ({ kind: 'onEvent' as const, integration: key, name, event })),
  );
  checkNames(path, given, complain);
  checkEndpoints(path, [...syncs, ...actions], complain);
  return [...syncs, ...actions, ...onEvents];
}

function checkNames(path: string[], given: Integration, complain: Complain): void {
  const refuse = (at: string[], name: string) =>
    complain(at, `${name}: the name of a function has letters, digits, _ and - only.`, 'error', 'invalid_name');
  for (const kind of ['syncs', 'actions'] as const)
    for (const name of Object.keys(given[kind] ?? {})) if (!scriptName.test(name)) refuse([...path, kind, name], name);
  for (const [event, names] of Object.entries(given['on-events'] ?? {}))
    for (const name of names) if (!scriptName.test(name)) refuse([...path, 'on-events', event], name);
}
const scriptName = /^[a-zA-Z0-9_-]+$/;

/** Each method and path once in an integration. */
function checkEndpoints(path: string[], functions: readonly (YamlSync | YamlAction)[], complain: Complain): void {
  const owners = new Map<string, string>();
  for (const { kind, name, endpoints } of functions)
    for (const endpoint of endpoints) {
      const text = `${endpoint.method.toUpperCase()} ${endpoint.path}`;
      const owner = owners.get(text);
      const at = [...path, kind === 'sync' ? 'syncs' : 'actions', name, 'endpoint'];
      if (owner !== undefined) complain(at, `The endpoint "${text}" is that of ${owner} already.`, 'error', 'duplicate_endpoint');
      owners.set(text, name);
    }
}

type At = { key: string; name: string; path: string[] };

function readSync(
  { key, name, path }: At,
  given: z.infer<typeof sync>,
  { known, owners, complain }: { known: Known; owners: Map<string, string>; complain: Complain },
): YamlSync {
  const models = [given.output ?? []].flat();
  for (const model of models) {
    const text = known.get(model)?.text;
    if (text === undefined)
      complain([...path, 'output'], `${model} is not among the models; a sync saves models.`, 'error', 'model_not_found');
    else if (!/^z\.object\(\{ (?:.*, )?"id": /.test(text))
      complain(['models', model], `${model} needs a field id, which identifies a record.`, 'error', 'model_missing_id');
    if (owners.has(model))
      complain([...path, 'output'], `${model} is saved by ${owners.get(model)} already; one sync a model.`, 'error', 'duplicate_model');
    owners.set(model, name);
  }
  const frequency = parseFrequency(given.runs);
  if (!frequency.ok) complain([...path, 'runs'], frequency.message, 'error', 'invalid_runs');
  const endpoints = endpointsOf(given.endpoint, 'GET');
  if (endpoints.length > 0 && endpoints.length !== models.length)
    complain(
      [...path, 'endpoint'],
      `${endpoints.length} endpoints for ${models.length} models; write one each, or none.`,
      'error',
      'endpoints_mismatch',
    );
  return {
    kind: 'sync',
    ...common(key, name, given),
    endpoints,
    frequency: given.runs,
    autoStart: given.auto_start ?? true,
    trackDeletes: given.track_deletes ?? false,
    syncType: given.sync_type?.toLowerCase() === 'incremental' ? 'incremental' : 'full',
    models,
    metadata: given.input === undefined || given.input === null ? undefined : typeText(given.input, [...path, 'input'], known, complain),
    webhookSubscriptions: listOf(given['webhook-subscriptions']),
  };
}

function readAction(
  { key, name, path }: At,
  given: z.infer<typeof action>,
  { known, complain }: { known: Known; complain: Complain },
): YamlAction {
  const text = (value: unknown, field: string) =>
    value === undefined || value === null ? 'z.void()' : typeText(value, [...path, field], known, complain);
  return {
    kind: 'action',
    ...common(key, name, given),
    endpoints: endpointsOf(given.endpoint, 'POST'),
    input: text(given.input, 'input'),
    output: text(given.output, 'output'),
  };
}

function typeText(value: unknown, path: string[], known: Known, complain: Complain): string {
  const text = attempt(() => zodOf(value, namesFor(new Set(known.keys()), path, complain)).text) ?? 'z.any()';
  if (text.startsWith('z.literal('))
    complain(path, `"${String(value)}" is neither a model nor a type, so only that very text is meant`, 'warning', 'model_is_literal');
  return text;
}

const common = (
  integration: string,
  name: string,
  given: { description?: string | undefined; version?: string | number | undefined; scopes?: string | string[] | undefined },
) => ({
  integration,
  name,
  description: given.description?.trim() ?? '',
  version: given.version === undefined ? '' : String(given.version),
  scopes: listOf(given.scopes),
});

const listOf = (given: string | string[] | undefined): string[] =>
  (typeof given === 'string' ? given.split(',') : (given ?? [])).map((one) => one.trim()).filter(Boolean);

/** `/items`, `POST /items` or an object. */
const endpointsOf = (given: z.infer<typeof endpoint> | z.infer<typeof endpoint>[] | undefined, method: string): Endpoint[] =>
  (given === undefined ? [] : [given].flat()).map((one) => {
    if (typeof one !== 'string') return { method: one.method ?? method, path: one.path, ...(one.group ? { group: one.group } : {}) };
    const [verb, path] = /^([A-Z]+)\s+(\/.*)$/.exec(one.trim())?.slice(1) ?? [method, one.trim()];
    return { method: verb ?? method, path: path ?? '' };
  });
