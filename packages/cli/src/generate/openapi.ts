/** What the project adds to the platform's API, as OpenAPI 3.1: its actions, its records, and the paths it declares. Pure. */
import type { JsonSchema } from '@bowline/compile/json-schema';
import type { Compiled } from '../compile/compiled.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const header = (name: string, schema: object) => ({ name, in: 'header', required: true, schema });

export function openApiOf(compiled: readonly Compiled[], host: string): object {
  const schemas: Record<string, JsonSchema> = Object.assign({}, ...compiled.map((one) => one.schemas?.schema.definitions ?? {}));
  const integrations = [...new Set(compiled.map(({ definition }) => definition.entry.integration))];
  const parameters = [header('provider-config-key', { type: 'string', enum: integrations }), header('connection-id', { type: 'string' })];
  const actions = compiled.flatMap(actionOf);
  const syncs = compiled.filter(({ definition }) => definition.kind === 'sync');
  const models = syncs.flatMap(({ schemas: own }) => own?.models ?? []);
  const paths: Record<string, Record<string, object>> = {};
  if (actions.length > 0) {
    const bodies = actions.map(({ name, input }) => ({
      type: 'object',
      properties: { action_name: { const: name }, input: ref(input) },
      required: ['action_name'],
    }));
    paths['/action/trigger'] = {
      post: {
        summary: 'Call an action',
        parameters,
        requestBody: { required: true, ...json({ oneOf: bodies }) },
        responses: { 200: { description: 'What the action answers.', ...json({ anyOf: actions.map(({ output }) => ref(output)) }) } },
      },
    };
  }
  if (models.length > 0) {
    const answer = {
      type: 'object',
      properties: { records: { type: 'array', items: { anyOf: models.map(ref) } }, next_cursor: { type: ['string', 'null'] } },
      required: ['records', 'next_cursor'],
    };
    const query = (name: string, schema: object, required = false) => ({ name, in: 'query', required, schema });
    paths['/records'] = {
      get: {
        summary: 'Read records, oldest change first',
        parameters: [
          ...parameters,
          query('model', { type: 'string', enum: models }, true),
          query('cursor', { type: 'string' }),
          query('limit', { type: 'integer' }),
        ],
        responses: { 200: { description: 'A page of records.', ...json(answer) } },
      },
    };
  }
  for (const { path, method, operation } of compiled.flatMap(declaredOf))
    paths[`/v1${path}`] = { ...paths[`/v1${path}`], [method]: { ...operation, parameters } };
  return {
    openapi: '3.1.0',
    info: { title: 'Functions of this project', version: '1' },
    servers: [{ url: host }],
    security: [{ key: [] }],
    paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } }, schemas },
  };
}

function actionOf({ definition, schemas }: Compiled) {
  const [output] = schemas?.models ?? [];
  return definition.kind === 'action' && schemas?.input !== undefined && output !== undefined
    ? [{ name: definition.entry.name, input: schemas.input, output }]
    : [];
}

/** Paths of its own, under which older clients reach a function. */
function declaredOf({ definition, schemas }: Compiled) {
  if (definition.kind === 'onEvent' || !schemas) return [];
  const endpoints = definition.kind === 'sync' ? definition.endpoints : [definition.endpoint].filter((one) => one !== undefined);
  return endpoints.map(({ method, path }, index) => {
    const model = schemas.models[definition.kind === 'sync' ? index : 0] ?? '';
    const answer =
      definition.kind === 'sync' ? { type: 'object', properties: { records: { type: 'array', items: ref(model) } } } : ref(model);
    const body = definition.kind === 'action' && schemas.input ? { requestBody: json(ref(schemas.input)) } : {};
    const operation = { summary: definition.description, ...body, responses: { 200: { description: 'The answer.', ...json(answer) } } };
    return { path, method: method.toLowerCase(), operation };
  });
}
