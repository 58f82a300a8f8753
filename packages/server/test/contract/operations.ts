/** The operations of an openapi.json, references resolved, as much of them as a generator of requests and a judge of answers need. */

export type Schema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  format?: string;
  $ref?: string;
};
export type Parameter = { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema };
export type Operation = {
  id: string;
  method: string;
  /** With `{name}` where a parameter stands. */
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  security: Record<string, string[]>[];
  /** Codes by status; a success has none. `default` admits any. */
  answers: Map<string, readonly string[]>;
};
type Described = {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  security?: Record<string, string[]>[];
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
};
export type Document = { paths: Record<string, Record<string, Described>>; components: { schemas: Record<string, Schema> } };

export function operationsOf({ paths, components }: Document): Operation[] {
  const resolve = (schema: Schema): Schema => {
    const named = schema.$ref?.replace('#/components/schemas/', '');
    return named === undefined ? schema : resolve(components.schemas[named] ?? {});
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      id: described.operationId,
      method: method.toUpperCase(),
      path,
      parameters: described.parameters ?? [],
      body: described.requestBody && resolve(described.requestBody.content['application/json']?.schema ?? {}),
      security: described.security ?? [],
      answers: new Map(Object.entries(described.responses).map(([status, { content }]) => [status, codesOf(content)])),
    })),
  );
}

function codesOf(content: Described['responses'][string]['content']): string[] {
  const schemas = content?.['application/json']?.schema?.allOf ?? [];
  return schemas.flatMap(({ properties }) => properties?.error?.properties?.code?.enum ?? []).map(String);
}
