/** What stands in a deployment for each kind of zod schema that functions declare, by how often they do; and the names the definitions get. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { ActionDefinition, SyncDefinition } from '../src/definition.ts';
import { entryOf } from '../src/entry.ts';
import { schemasOf } from '../src/json-schema.ts';

const entry = entryOf('google-mail.v2/actions/list-users.ts');
const common = { entry, source: '', description: '', version: '', scopes: [], usesCheckpoints: false };
const action = (input: z.ZodType): ActionDefinition => ({ ...common, kind: 'action', input, output: z.void(), endpoint: undefined });

const text = { type: 'string' };
const a = { a: text };
const closed = { type: 'object', properties: a, required: ['a'], additionalProperties: false };
const kind = (name: string) => ({
  type: 'object',
  properties: { k: { type: 'string', const: name } },
  required: ['k'],
  additionalProperties: false,
});
const safe = Number.MAX_SAFE_INTEGER;

it.each<[string, z.ZodType, object]>([
  ['string', z.string(), text],
  ['optional', z.object({ a: z.string(), b: z.number().optional() }), { ...closed, properties: { ...a, b: { type: 'number' } } }],
  ['object', z.object({ a: z.string() }), closed],
  ['number', z.number(), { type: 'number' }],
  ['describe', z.string().describe('why'), { type: 'string', description: 'why' }],
  ['nullable', z.string().nullable(), { type: ['string', 'null'] }],
  ['array method', z.string().array(), { type: 'array', items: text }],
  ['array', z.array(z.number()).min(1).max(3), { type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 3 }],
  ['boolean', z.boolean(), { type: 'boolean' }],
  ['nullish', z.string().nullish(), { type: ['string', 'null'] }],
  ['unknown', z.unknown(), {}],
  ['passthrough', z.object({ a: z.string() }).passthrough(), { ...closed, additionalProperties: {} }],
  ['record', z.record(z.string(), z.number()), { type: 'object', propertyNames: text, additionalProperties: { type: 'number' } }],
  ['int', z.number().int(), { type: 'integer', minimum: -safe, maximum: safe }],
  ['union', z.union([z.string(), z.object({ a: z.string() })]), { anyOf: [text, closed] }],
  ['enum', z.enum(['a', 'b']), { type: 'string', enum: ['a', 'b'] }],
  ['literal', z.literal('a'), { type: 'string', const: 'a' }],
  ['literal number', z.literal(5), { type: 'number', const: 5 }],
  ['min and max', z.string().min(1).max(2), { type: 'string', minLength: 1, maxLength: 2 }],
  ['min and max of a number', z.number().min(1).max(9), { type: 'number', minimum: 1, maximum: 9 }],
  ['null', z.null(), { type: 'null' }],
  ['any', z.any(), {}],
  ['positive', z.number().positive(), { type: 'number', exclusiveMinimum: 0 }],
  ['trim and toLowerCase', z.string().trim().toLowerCase(), text],
  ['refine', z.string().refine(() => true), text],
  ['undefined', z.undefined(), {}],
  ['uuid', z.string().uuid(), { type: 'string', format: 'uuid', pattern: expect.any(String) }],
  ['email', z.email(), { type: 'string', format: 'email', pattern: expect.any(String) }],
  ['nonnegative', z.number().nonnegative(), { type: 'number', minimum: 0 }],
  ['transform', z.string().transform((one) => one.length), {}],
  ['regex', z.string().regex(/^a/), { type: 'string', pattern: '^a' }],
  ['default', z.object({ a: z.string().default('x') }), { ...closed, properties: { a: { type: 'string', default: 'x' } } }],
  ['date', z.date(), { type: 'string', format: 'date-time' }],
  ['date within', z.object({ a: z.date() }), { ...closed, properties: { a: { type: 'string', format: 'date-time' } } }],
  ['coerce', z.coerce.number(), { type: 'number' }],
  ['extend', z.object({}).extend({ a: z.string() }), closed],
  ['catchall', z.object({ a: z.string() }).catchall(z.number()), { ...closed, additionalProperties: { type: 'number' } }],
  ['datetime', z.string().datetime(), { type: 'string', format: 'date-time', pattern: expect.any(String) }],
  ['or', z.string().or(z.number()), { type: ['string', 'number'] }],
  ['url', z.string().url(), { type: 'string', format: 'uri' }],
  ['void', z.void(), { type: 'null' }],
  [
    'tuple',
    z.tuple([z.string(), z.null()]),
    { type: 'array', items: [text, { type: 'null' }], additionalItems: false, minItems: 2, maxItems: 2 },
  ],
  ['looseObject', z.looseObject({ a: z.string() }), { ...closed, additionalProperties: {} }],
  ['preprocess', z.preprocess((one) => one, z.string()), text],
  [
    'discriminatedUnion',
    z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
    { oneOf: [kind('a'), kind('b')] },
  ],
  ['bigint', z.bigint(), {}],
  ['never', z.never(), { not: {} }],
])('%s', (_name, schema, expected) => {
  expect(schemasOf(action(schema), z.toJSONSchema).schema.definitions.ActionInput_google_mail_v2_listusers).toEqual(expected);
});

it('definitions are named by kind, integration and function; models keep their names; nothing is shared between them', () => {
  expect(schemasOf(action(z.string()), z.toJSONSchema)).toEqual({
    models: ['ActionOutput_google_mail_v2_listusers'],
    input: 'ActionInput_google_mail_v2_listusers',
    schema: { definitions: { ActionInput_google_mail_v2_listusers: text, ActionOutput_google_mail_v2_listusers: { type: 'null' } } },
  });
  const Part = z.object({ a: z.string() });
  const models = { One: z.object({ id: z.string(), part: Part }), Two: z.object({ id: z.string(), part: Part }) };
  const sync: SyncDefinition = {
    ...common,
    kind: 'sync',
    frequency: 'every hour',
    models,
    metadata: Part,
    autoStart: true,
    trackDeletes: false,
    syncType: 'full',
    endpoints: [],
    webhookSubscriptions: [],
  };
  const { models: names, input, schema } = schemasOf(sync, z.toJSONSchema);
  expect({ names, input }).toEqual({ names: ['One', 'Two'], input: 'SyncMetadata_google_mail_v2_listusers' });
  expect(Object.keys(schema)).toEqual(['definitions']);
  expect(schema.definitions.One).toEqual({ ...closed, properties: { id: text, part: closed }, required: ['id', 'part'] });
  expect(schema.definitions.Two).toEqual(schema.definitions.One);
  expect(schema.definitions.SyncMetadata_google_mail_v2_listusers).toEqual(closed);
});

it('a model that holds itself refers to itself within its own definition', () => {
  const Tree = z.object({
    id: z.string(),
    get below() {
      return z.array(Tree);
    },
  }); // prettier-ignore
  const { definitions } = schemasOf(action(z.object({ tree: Tree })), z.toJSONSchema).schema;
  expect(JSON.stringify(definitions.ActionInput_google_mail_v2_listusers)).toMatch(/"\$ref":"#\/definitions\/__schema0"/);
  expect(definitions.ActionInput_google_mail_v2_listusers).toMatchObject({ definitions: { __schema0: { type: 'object' } } });
});
