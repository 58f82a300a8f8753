/** A page of Markdown for one function: what it does, when it runs, how it is called, what goes in and what comes out. Pure. */
import { isRecord } from '@bowline/compile/options';
import type { Compiled } from '../compile/compiled.ts';
import { exampleOf } from './example.ts';
import { typeOf } from './typescript.ts';

/** What is below it is the author's. */
export const divider = '<!-- Written by `bowline generate:docs` up to this line. What is below it is yours and is kept. -->';

/** @returns the page with what its author wrote below the divider; a page without one is all the author's */
export const pageOf = (compiled: Compiled, before: string | undefined): string => {
  const at = before?.indexOf(divider) ?? -1;
  const own = before === undefined ? '' : at < 0 ? `\n${before}` : before.slice(at + divider.length);
  return `${textOf(compiled)}\n${divider}${own === '' ? '\n' : own}`;
};

const textOf = (compiled: Compiled): string => {
  const { entry, description } = compiled.definition;
  return [`# ${entry.integration}: ${entry.name}`, description, factsOf(compiled), ...sectionsOf(compiled)]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
};

const kinds = { sync: 'sync', action: 'action', onEvent: 'on-event' } as const;

const factsOf = ({ definition }: Compiled): string => {
  const { kind, entry, version, scopes } = definition;
  const facts: [string, string][] = [
    ['Kind', kinds[kind]],
    ['Integration', code(entry.integration)],
    ['Source', code(entry.file)],
    ['Version', version],
    ['Scopes', scopes.map(code).join(', ')],
    ...whenOf(definition),
  ];
  return [
    '|   |   |',
    '| - | - |',
    ...facts.filter(([, value]) => value !== '').map(([name, value]) => `| ${name} | ${cell(value)} |`),
  ].join('\n');
};

const whenOf = (definition: Compiled['definition']): [string, string][] => {
  if (definition.kind === 'onEvent') return [['Runs', definition.event]];
  if (definition.kind === 'action') return [['Own endpoint', endpointOf(definition.endpoint)]];
  const { frequency, autoStart, syncType, trackDeletes, usesCheckpoints, endpoints, webhookSubscriptions } = definition;
  return [
    ['Runs', `${frequency}, ${autoStart ? 'from the moment somebody connects' : 'once it is started'}`],
    ['Reads', usesCheckpoints || syncType === 'incremental' ? 'what changed since the run before' : 'everything, each time'],
    ['Deletions', trackDeletes ? 'what a run no longer meets counts as deleted' : ''],
    ['Webhooks', webhookSubscriptions.map(code).join(', ')],
    ['Own endpoints', endpoints.map(endpointOf).join(', ')],
  ];
};

const endpointOf = (endpoint: { method: string; path: string } | undefined): string =>
  endpoint ? code(`${endpoint.method} ${endpoint.path}`) : '';

const sectionsOf = (compiled: Compiled): string[] => {
  const { definition, schemas } = compiled;
  if (!schemas || definition.kind === 'onEvent') return [];
  const { definitions } = schemas.schema;
  const of = (name: string | undefined): string => (name === undefined ? '' : shapeOf(definitions[name], definitions));
  if (definition.kind === 'action') {
    const input = of(schemas.input);
    return [
      callOf(definition.entry, exampleOf(definitions[schemas.input ?? ''], definitions)),
      `## Input\n\n${input}`,
      ...schemas.models.map((name) => `## Output\n\n${of(name)}`),
    ];
  }
  return [
    ...schemas.models.map((name) => `## Records: ${name}\n\n${readOf(definition.entry.integration, name)}\n\n${of(name)}`),
    ...(schemas.input === undefined
      ? []
      : [`## Metadata of the connection\n\nWhat your app sets with \`setMetadata\`, and the sync reads.\n\n${of(schemas.input)}`]),
  ];
};

const callOf = ({ integration, name }: { integration: string; name: string }, input: unknown): string =>
  `## Calling it\n\n${block('ts', `await client.triggerAction('${integration}', '<connection>', '${name}', ${JSON.stringify(input)});`)}`;

const readOf = (integration: string, model: string): string =>
  block('ts', `await client.listRecords({ providerConfigKey: '${integration}', connectionId: '<connection>', model: '${model}' });`);

/** Its fields, for people; and an example. */
const shapeOf = (schema: unknown, definitions: Readonly<Record<string, unknown>>): string => {
  if (!isRecord(schema) || schema.type === 'null') return 'Nothing.';
  const example = block('json', JSON.stringify(exampleOf(schema, definitions), null, 2));
  const fields = isRecord(schema.properties) ? Object.entries(schema.properties) : [];
  if (fields.length === 0) return `${code(oneLine(typeOf(schema)))}\n\n${example}`;
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
  const rows = fields.map(([name, field]) => {
    const said = isRecord(field) && typeof field.description === 'string' ? field.description : '';
    return `| ${code(name)} | ${cell(code(oneLine(typeOf(field))))} | ${required.includes(name) ? 'always' : 'may be left out'} | ${cell(said)} |`;
  });
  return ['| Field | Type | There | What it is |', '| ----- | ---- | ----- | ---------- |', ...rows, '', example].join('\n');
};

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;
const block = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
/** A type of several lines, its comments left out. */
const oneLine = (type: string): string =>
  type
    .replace(/\/\*\*.*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .trim();
