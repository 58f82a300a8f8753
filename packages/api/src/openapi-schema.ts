/** Schemas of the contract as OpenAPI has them: JSON Schema, where what has a name is defined once, and parameters. */
import * as z from 'zod';
import { Connection, ConnectionSummary } from './connections.ts';
import { EndUser } from './fields.ts';
import { FunctionSummary, Integration } from './integrations.ts';
import { Provider } from './providers.ts';
import { SyncedRecord } from './records.ts';
import { SyncStatus } from './syncs.ts';

export type Json = { [key: string]: unknown };

/** Names a schema once; wherever it occurs it becomes a reference. */
const named = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({
  Connection,
  ConnectionSummary,
  EndUser,
  FunctionSummary,
  Integration,
  Provider,
  SyncedRecord,
  SyncStatus,
}))
  named.add(schema, { id });

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, {
    io,
    metadata: named,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      const { examples, description } = z.globalRegistry.get(zodSchema) ?? {};
      Object.assign(made, examples && { examples }, description && { description });
      if (zodSchema._zod.def.type === 'date') Object.assign(made, { type: 'string', format: 'date-time' });
      if (made.format) delete made.pattern; // says the same in 300 characters
      if (io === 'output' && made.additionalProperties === false) delete made.additionalProperties; // answers may grow
    },
  });
  Object.assign(schemas, moved($defs));
  return moved(rest);
}

/** Definitions move from the schema into the document. */
function moved(value: object): Json {
  return JSON.parse(
    JSON.stringify(value, (key, one: unknown) => (key === '$ref' ? String(one).replace('#/$defs/', '#/components/schemas/') : one)),
  );
}

/** Each with its description where readers look for it: beside the name. */
export function parameters(place: 'path' | 'query' | 'header', schema: z.ZodType | undefined, schemas: Json): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', schemas);
  return Object.entries(Object(properties)).map(([name, one]) => {
    const { description, ...schemaOfOne } = Object(one);
    return {
      name: place === 'header' ? name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()) : name,
      in: place,
      description,
      required: place === 'path' || (Array.isArray(required) && required.includes(name)),
      schema: schemaOfOne,
      // Nested keys travel as `tags[team]=blue`.
      ...(schemaOfOne.type === 'object' ? { style: 'deepObject', explode: true } : {}),
    };
  });
}
