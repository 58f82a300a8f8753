/** Values against schemas as zod and `nango.yaml` make them: what is a mistake, what is none, and how it is said. */
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { JsonSchema } from '../src/json-schema.ts';
import { type CompileModel, openValidator, SchemaError, type Usage } from '../src/validate.ts';

let compile: CompileModel;
beforeAll(async () => {
  compile = await openValidator();
});

const schemaOf = (schema: z.ZodType): JsonSchema => ({ ...z.toJSONSchema(schema, { target: 'draft-7', unrepresentable: 'any' }) });
const flaws = (schema: JsonSchema, value: unknown, usage: Usage = 'output', others: Record<string, JsonSchema> = {}) =>
  (compile({ ...others, Model: schema }, 'Model', usage)?.(value) ?? []).map(({ path, message }) =>
    [path, message].filter(Boolean).join(' '),
  );

const issue = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['open', 'closed']),
  labels: z.array(z.object({ name: z.string() })),
});
const good = { id: '1', title: 'A', state: 'open', labels: [{ name: 'bug' }] };

test('a value that fits has no flaws, and each flaw of another has its place', () => {
  const schema = schemaOf(issue);
  expect(flaws(schema, good)).toEqual([]);
  expect(flaws(schema, { id: 1, state: 'new', labels: [{ name: 'a' }, { nam: 2 }], extra: true }).sort()).toEqual([
    'extra is not declared',
    'id must be string',
    'labels.1.nam is not declared',
    'labels.1.name is missing',
    'state must be equal to one of the allowed values (open, closed)',
    'title is missing',
  ]);
  expect(flaws(schema, 'text')).toEqual(['must be object']);
});

test('no flaw holds the value', () => {
  const schema = schemaOf(z.object({ token: z.string().length(3), at: z.iso.datetime(), mail: z.email() }));
  expect(JSON.stringify(flaws(schema, { token: 'sup3rsecret', at: 'sup3rsecret', mail: 'sup3rsecret' }))).not.toContain('sup3r');
});

test('what is not declared is not looked at', () => {
  expect(compile({ Model: {} }, 'Other', 'record')).toBeUndefined();
  expect(compile({ Model: {} }, 'toString', 'record')).toBeUndefined();
});

test('formats and patterns of zod count', () => {
  const schema = schemaOf(z.object({ mail: z.email(), at: z.iso.datetime(), id: z.uuid(), url: z.url() }));
  const fits = { mail: 'ada@example.com', at: '2026-01-31T08:00:00Z', id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', url: 'https://a.b' };
  expect(flaws(schema, fits)).toEqual([]);
  for (const name of ['mail', 'at', 'id', 'url']) expect(flaws(schema, { ...fits, [name]: 'x' })[0]).toMatch(new RegExp(`^${name} must`));
});

test.each([
  ['for Unicode', '^\\p{Lu}$', 'Ä', 'ä'],
  ['that Unicode mode refuses', '^\\d{3}\\-\\d{2}$', '123-45', '12345'],
])('a pattern %s means what its author meant', (_, pattern, fitting, other) => {
  expect(flaws({ type: 'string', pattern }, fitting)).toEqual([]);
  expect(flaws({ type: 'string', pattern }, other)).toHaveLength(1);
});

describe('an input', () => {
  test('may leave out a field that has a default, however deep', () => {
    const schema = schemaOf(z.object({ limit: z.number().default(10), filters: z.array(z.object({ on: z.boolean().default(true) })) }));
    expect(flaws(schema, { filters: [{}] }, 'input')).toEqual([]);
    expect(flaws(schema, {}, 'input')).toEqual(['filters is missing']);
    expect(flaws(schema, { filters: [{}] }, 'output').sort()).toEqual(['filters.0.on is missing', 'limit is missing']);
  });

  test('that is not there is one without fields to a function that takes fields', () => {
    const optional = schemaOf(z.object({ a: z.string().optional() }));
    for (const nothing of [null, undefined, {}]) expect(flaws(optional, nothing, 'input')).toEqual([]);
    expect(flaws(schemaOf(issue), null, 'input')).toContain('title is missing');
  });

  test('without fields is none to a function that takes none', () => {
    for (const nothing of [null, undefined, {}]) expect(flaws({ type: 'null' }, nothing, 'input')).toEqual([]);
    expect(flaws({ type: 'null' }, { a: 1 }, 'input')).toEqual(['must be null']);
  });

  test('of any other type is taken as it is', () => {
    const schema = schemaOf(z.union([z.string(), z.array(z.number())]));
    expect(flaws(schema, 'a', 'input')).toEqual([]);
    expect(flaws(schema, [1, 'b'], 'input').length).toBeGreaterThan(0);
  });
});

test('metadata may hold what other syncs of the connection declare', () => {
  const schema = schemaOf(z.object({ board: z.string() }));
  expect(flaws(schema, { board: 'b', channel: 'c' }, 'metadata')).toEqual([]);
  expect(flaws(schema, { channel: 'c' }, 'metadata')).toEqual(['board is missing']);
  expect(flaws(schema, null, 'metadata')).toEqual(['board is missing']);
});

test('the id of a record is text in the store, whatever its model says', () => {
  const numbered: JsonSchema = { type: 'object', properties: { id: { type: 'integer' }, n: { type: 'integer' } }, required: ['id', 'n'] };
  expect(flaws(numbered, { id: '7', n: 1 }, 'record')).toEqual([]);
  expect(flaws(numbered, { id: '7', n: '1' }, 'record')).toEqual(['n must be integer']);
});

describe('what is merged into a record', () => {
  const contact = schemaOf(
    z.object({
      id: z.string(),
      name: z.string(),
      address: z.object({ street: z.string(), city: z.string() }).nullable(),
      phones: z.array(z.object({ kind: z.string(), number: z.string() })),
      source: z.discriminatedUnion('type', [
        z.object({ type: z.literal('a'), key: z.string() }),
        z.object({ type: z.literal('b'), key: z.string() }),
      ]),
    }),
  );
  test('may be any part of it', () => {
    for (const part of [{ name: 'B' }, { address: { city: 'C' } }, { address: null }, { source: { key: 'k' } }, { phones: [] }])
      expect(flaws(contact, { id: '1', ...part }, 'patch')).toEqual([]);
  });
  test('is held to the schema in what it holds, and lists are whole', () => {
    expect(flaws(contact, { id: '1', name: 2 }, 'patch')).toEqual(['name must be string']);
    expect(flaws(contact, { id: '1', address: { city: 3 } }, 'patch')).toContain('address.city must be string');
    expect(flaws(contact, { id: '1', phones: [{ kind: 'home' }] }, 'patch')).toEqual(['phones.0.number is missing']);
    expect(flaws(contact, { id: '1', nickname: 'x' }, 'patch')).toEqual(['nickname is not declared']);
  });
});

describe('schemas that point', () => {
  test('to themselves, as zod writes models that hold themselves', () => {
    const Tree = z.object({
      id: z.string(),
      get children() {
        return z.array(Tree);
      },
    });
    const schema = schemaOf(z.object({ id: z.string(), tree: Tree }));
    const value = { id: '1', tree: { id: 'a', children: [{ id: 'b', children: [] }] } };
    expect(flaws(schema, value)).toEqual([]);
    expect(flaws(schemaOf(Tree), { id: 'a', children: [{ id: 1, children: [] }] })).toEqual(['children.0.id must be string']);
    expect(flaws(schema, { id: '1', tree: { id: 'a', children: [{ id: 'b' }] } })).toEqual(['tree.children.0.children is missing']);
  });
  test('to models they are deployed with, as `nango.yaml` has it', () => {
    const others = { User: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } };
    const schema: JsonSchema = { type: 'object', properties: { by: { $ref: '#/definitions/User' } } };
    expect(flaws(schema, { by: {} }, 'record', others)).toEqual(['by.name is missing']);
    expect(flaws(schema, { by: { name: 'A' } }, 'record', others)).toEqual([]);
  });
});

describe('schemas that are of no use are said to be', () => {
  const nested = (depth: number): JsonSchema => (depth === 0 ? { type: 'string' } : { properties: { a: nested(depth - 1) } });
  test.each<[string, JsonSchema]>([
    ['pointing nowhere', { $ref: '#/definitions/Nowhere' }],
    ['with a pattern that is none', { type: 'string', pattern: '(' }],
    ['with a type that is none', { type: 'strin' }],
    ['too large', { description: 'x'.repeat(1_000_001) }],
    ['nested too deeply', nested(4_000)],
  ])('%s', (_, schema) => {
    expect(() => compile({ Model: schema }, 'Model', 'record')?.({})).toThrow(SchemaError);
  });

  test.each<[string, JsonSchema]>([
    [
      'a property',
      { type: 'object', properties: { "']);globalThis.broken=1;(['": { type: 'string' } }, required: ["']);globalThis.broken=1;(['"] },
    ],
    ['a pattern', { type: 'string', pattern: '"+(globalThis.broken=1)+"' }],
    ['a format', { type: 'string', format: '"+(globalThis.broken=1)+"' }],
    ['a constant', { const: '"+(globalThis.broken=1)+"' }],
    ['a name of its own', { $id: 'x";globalThis.broken=1;"', type: 'string' }],
    ['a list', { enum: ['`${globalThis.broken=1}`'] }],
  ])('code in %s is text', (_, schema) => {
    for (const value of [{}, 'x', "']);globalThis.broken=1;(['"]) compile({ Model: schema }, 'Model', 'record')?.(value);
    expect(globalThis).not.toHaveProperty('broken');
  });
});

test('a schema that asks to be answered later is answered at once', () => {
  expect(flaws({ $async: true, type: 'string' }, 1)).toEqual(['must be string']);
});
