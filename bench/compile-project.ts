/**
 * A project as large as they get, made up: 60 integrations of 100 functions, a fifth of them syncs, in several sizes, with models and helpers of their own.
 * Each helper serves 50 functions. Modelled on examples/integrations; deterministic, so that two runs measure the same.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const helperOf = (integration: number, half: number) => `service-${integration}/half-${half}.ts`;

/** @returns the files of the functions */
export function writeProject(root: string, count: number): string[] {
  const functions: string[] = [];
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  for (let at = 0; at < count; at++) {
    const [integration, index] = [Math.floor(at / 100), at % 100];
    const half = index < 50 ? 0 : 1;
    const isSync = index % 5 === 0;
    const file = `service-${integration}/${isSync ? 'syncs' : 'actions'}/item-${index}.ts`;
    functions.push(file);
    write(file, isSync ? syncText(index, half) : actionText(index, half));
    if (index % 50 === 0) write(helperOf(integration, half), helperText(integration, half));
  }
  write('package.json', '{ "name": "large", "private": true, "type": "module" }\n');
  write('index.ts', functions.map((file) => `import './${file.replace(/\.ts$/, '.js')}';\n`).join(''));
  return functions;
}

const helperText = (integration: number, half: number) => `import type { NangoAction, NangoSync, ProxyConfiguration } from 'bowline';
import { z } from 'zod';

export const Person = z.object({ id: z.union([z.string(), z.number()]), name: z.string().nullish(), email: z.string().nullish() });
export const Page = z.looseObject({ items: z.array(z.unknown()), next: z.string().nullish(), total: z.number().optional() });
export const version = 'v${integration + 1}.${half}';

/** One request as this API wants it. */
export const requestOf = (path: string, params: Record<string, string | number> = {}): ProxyConfiguration => ({
  endpoint: \`/\${version}/\${path}\`,
  params,
  headers: { accept: 'application/json' },
  retries: 3,
});

export async function findPerson(nango: NangoAction | NangoSync, id: string): Promise<z.infer<typeof Person> | null> {
  const { data } = await nango.get(requestOf(\`people/\${encodeURIComponent(id)}\`));
  return data === null ? null : Person.parse(data);
}

export const nameOf = (person: z.infer<typeof Person> | null | undefined): string | null => person?.name ?? person?.email ?? null;
`;

/** From 4 to 40, as models differ. */
const fieldsOf = (index: number) => Array.from({ length: 4 + ((index * 7) % 37) }, (_, at) => `field_${at}`);

const kinds = ['z.string()', 'z.number()', 'z.boolean()', 'z.string().nullable()', 'z.array(z.string())', "z.enum(['open', 'closed'])"];
const kindOf = (at: number) => kinds[at % kinds.length];

const schemaOf = (index: number, indent: string) =>
  fieldsOf(index)
    .map((field, at) => `${indent}${field}: ${kindOf(at)},\n`)
    .join('');

const copyOf = (index: number, from: string, indent: string) =>
  fieldsOf(index)
    .map((field) => `${indent}${field}: ${from}.${field},\n`)
    .join('');

const syncText = (index: number, half: number) => `/** Items of kind ${index}, as they change. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { nameOf, Person, requestOf } from '../half-${half}.js';

const Item${index} = z.object({
  id: z.string(),
  owner: z.string().nullable(),
${schemaOf(index, '  ')}});

const Raw = z.object({
  id: z.number(),
  owner: Person.nullish(),
  updated_at: z.string(),
${schemaOf(index, '  ')}});

const sync = createSync({
  description: 'Items of kind ${index}, as they change',
  version: '1.0.0',
  frequency: 'every ${(index % 50) + 5} minutes',
  autoStart: true,
  scopes: ['items:read'],
  models: { Item${index} },
  metadata: z.object({ folder: z.string().optional() }),
  checkpoint: z.object({ since: z.string() }),
  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const { folder } = (await nango.getMetadata()) ?? {};
    const began = new Date().toISOString();
    const pages = nango.paginate({
      ...requestOf('items', { kind: ${index}, ...(since !== undefined && { since }), ...(folder !== undefined && { folder }) }),
      paginate: { type: 'cursor', cursor_path_in_response: 'next', cursor_name_in_request: 'cursor', response_path: 'items', limit: 100 },
    });
    for await (const page of pages) {
      await nango.batchSave(z.array(Raw).parse(page).map(toItem), 'Item${index}');
    }
    await nango.saveCheckpoint({ since: began });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toItem = (raw: z.infer<typeof Raw>): z.infer<typeof Item${index}> => ({
  id: String(raw.id),
  owner: nameOf(raw.owner),
${copyOf(index, 'raw', '  ')}});
`;

const actionText = (index: number, half: number) => `/** Changes one item of kind ${index}. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { findPerson, nameOf, requestOf } from '../half-${half}.js';

const Input = z.object({
  id: z.string().describe('Which one.'),
  owner: z.string().optional(),
${schemaOf(index, '  ')}});

const Output = z.object({
  id: z.string(),
  owner: z.string().nullable(),
  warnings: z.array(z.string()),
${schemaOf(index, '  ')}});

const Answer = z.object({ id: z.number(), owner_id: z.number().nullish(), problems: z.array(z.object({ text: z.string() })).default([]) });

const action = createAction({
  description: 'Changes one item of kind ${index}',
  version: '1.0.0',
  scopes: ['items:write'],
  input: Input,
  output: Output,
  exec: async (nango, input) => {
    const { id, owner, ...rest } = input;
    const person = owner === undefined ? null : await findPerson(nango, owner);
    if (owner !== undefined && person === null) {
      throw new nango.ActionError({ type: 'unknown_owner', message: \`There is no person \${owner}.\` });
    }
    const { data } = await nango.patch({
      ...requestOf(\`items/\${encodeURIComponent(id)}\`),
      data: { kind: ${index}, ...rest, ...(person !== null && { owner_id: person.id }) },
    });
    const answer = Answer.parse(data);
    if (answer.problems.length > 0) await nango.log(\`\${answer.problems.length} problems\`, { level: 'warn' });
    return {
      id: String(answer.id),
      owner: nameOf(person),
      warnings: answer.problems.map(({ text }) => text),
${copyOf(index, 'input', '      ')}    };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
`;
