/**
 * The JSON Schema of a function's models: draft 7, one definition a model, nothing shared between them.
 * Names and overrides are those of the reference compiler, so stored schemas stay comparable.
 */
import type { z } from 'zod';
import type { ActionDefinition, Definition, SyncDefinition } from './definition.ts';

export type JsonSchema = Record<string, unknown>;
export type ModelSchemas = { models: string[]; input?: string; schema: { definitions: Record<string, JsonSchema> } };

/** Of the copy of zod the bundle was evaluated with: descriptions live in its registry. */
export type ToJsonSchema = typeof z.toJSONSchema;

export const schemasOf = (definition: SyncDefinition | ActionDefinition, toJsonSchema: ToJsonSchema): ModelSchemas => {
  const mapSchemas = (models: Record<string, z.ZodType>): Record<string, JsonSchema> =>
    Object.fromEntries(Object.entries(models).map(([name, schema]) => [name, convert(schema, toJsonSchema)]));
  if (definition.kind === 'sync') {
    const { models, metadata } = definition;
    const input = generatedName('SyncMetadata', definition);
    return {
      models: Object.keys(models),
      ...(metadata && { input }),
      schema: { definitions: mapSchemas({ ...models, ...(metadata && { [input]: metadata }) }) },
    };
  }
  const input = generatedName('ActionInput', definition);
  const output = generatedName('ActionOutput', definition);
  return { models: [output], input, schema: { definitions: mapSchemas({ [input]: definition.input, [output]: definition.output }) } };
};

/** `list-users` of `google-mail` is `ActionInput_google_mail_listusers`. */
export const generatedName = (prefix: string, { entry }: Pick<Definition, 'entry'>): string =>
  [prefix, entry.integration.replace(/[^a-zA-Z0-9]/g, '_'), entry.name.replace(/[^a-zA-Z0-9]/g, '')].join('_');

const convert = (schema: z.ZodType, toJsonSchema: ToJsonSchema): JsonSchema => {
  const { $schema, ...rest } = toJsonSchema(schema, {
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { type } = zodSchema._zod.def;
      if (type === 'void') jsonSchema.type = 'null';
      if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
    },
  });
  return rest;
};
