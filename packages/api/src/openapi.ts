/**
 * OpenAPI: the contract as an OpenAPI 3.1 document, made from the routes alone, so it cannot say anything else than the server does.
 * Only public routes belong in it. Each operation lists every problem it can answer, in the wording of the wire.
 */
import * as z from 'zod';
import { declaredProblems, wording } from './answers.ts';
import type { Example } from './examples/example.ts';
import { exampleOf } from './examples.ts';
import { endpointPath, proxyPath } from './openapi-proxy.ts';
import { type Json, jsonSchema, parameters } from './openapi-schema.ts';
import { problems } from './problems.ts';
import type { Route } from './route.ts';
import { publicRoutes } from './routes.ts';

type OpenApiDocument = { openapi: '3.1.0'; info: Json; servers: Json[]; tags: Json[]; paths: Record<string, Json>; components: Json };
type Target = {
  /** Where the API answers, such as `http://localhost:3003`. */
  serverUrl: string;
  version: string;
};

/** @returns a document that OpenAPI 3.1's own schema accepts, without references to anything outside it */
export function openApi({ serverUrl, version }: Target): OpenApiDocument {
  const paths: Record<string, Json> = {};
  const schemas: Json = { Error: errorSchema };
  for (const [resource, routes] of Object.entries(publicRoutes)) {
    for (const [name, route] of Object.entries<Route>(routes)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(`${resource}.${name}`, resource, route, schemas) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bowline',
      version,
      description: 'Connect accounts, call their APIs, keep their data in sync. Errors have one form, `Error`; its `code` is stable.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    tags: [...Object.keys(publicRoutes), 'proxy', 'endpoints'].map((name) => ({ name })),
    paths: { ...paths, '/proxy/{path}': proxyPath(), '/v1/{path}': endpointPath() },
    components: { schemas, securitySchemes },
  };
}

function operation(id: string, resource: string, route: Route, schemas: Json): Json {
  const example = exampleOf(id);
  return {
    operationId: id,
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: [resource],
    ...(/legacy$/i.test(id) ? { deprecated: true } : {}),
    ...(route.caller === 'public' ? {} : { security: security(route) }),
    parameters: [
      ...parameters('path', route.params, schemas),
      ...parameters('query', route.query, schemas),
      ...parameters('header', route.headers, schemas),
    ],
    ...(route.body ? { requestBody: requestBody(route.body, example, schemas) } : {}),
    responses: { ...success(route, example, schemas), ...refusals(route) },
  };
}

/** Alternatives: any one of the scopes will do. Other than OAuth 2 schemes, too, may name what the caller must be granted (OpenAPI 3.1 §4.8.30). */
function security({ caller, scope }: Route): Json[] {
  const apiKey = scope ? scope.map((one) => ({ apiKey: [one] })) : [{ apiKey: [] }];
  const session = { connectSession: [] };
  if (caller === 'accountKey') return (scope ?? []).map((one) => ({ accountKey: [one] }));
  if (caller === 'connectSession' || caller === 'connectSessionOrExpired') return [session];
  if (caller === 'connectSessionInQuery') return [session, { connectSessionInQuery: [] }];
  return caller === 'connectSessionOrApiKey' ? [...apiKey, session] : apiKey;
}

const securitySchemes = {
  apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the environment (a UUID v4). For backends only.' },
  accountKey: { type: 'http', scheme: 'bearer', description: 'A key of the account (a UUID v4), which manages environments.' },
  connectSession: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of a connect session. Safe to hand to the browser it was made for.',
  },
  connectSessionInQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'connect_session_token',
    description: 'The same token, in the query, where logs keep it: better in the header.',
  },
};

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', description: 'Stable; decide by it.' },
        message: { type: 'string', description: 'For people: what happened and what to do next.' },
        payload: { description: 'More about this case, where there is more.' },
        request_id: { type: 'string', description: 'Names this one request in the log of the server; also in the header `X-Request-Id`.' },
        errors: {
          type: 'array',
          description: 'What is wrong with the input, one entry each; `path` leads to it.',
          items: {
            type: 'object',
            required: ['code', 'message', 'path'],
            properties: {
              code: { type: 'string' },
              message: { type: 'string' },
              path: { type: 'array', items: { type: 'string' } },
              line: { type: 'integer', description: 'In a text that was sent, where it is there; from 1.' },
              column: { type: 'integer', description: 'The place in that line; from 1.' },
            },
          },
        },
        upstream: {
          type: 'object',
          description: 'The answer of the provider that a function did not expect.',
          properties: { status: { type: 'integer' }, headers: { type: 'object' }, body: {} },
        },
      },
    },
  },
};

function requestBody(body: z.ZodType, example: Example, schemas: Json): Json {
  return { required: !body.safeParse(undefined).success, content: content(body, 'input', schemas, example.body) };
}

function success({ status = 200, answer: schema, accepted }: Route, example: Example, schemas: Json): Json {
  if (schema instanceof z.ZodNever) return {};
  return {
    [status]: status === 204 ? { description: 'Done' } : answer('Success', content(schema, 'output', schemas, example.answer)),
    ...(accepted ? { '202': acceptance(accepted, schemas) } : {}),
  };
}

const acceptance = (schema: z.ZodType, schemas: Json) =>
  schema instanceof z.ZodUndefined
    ? { description: 'Accepted' }
    : answer('Accepted; the outcome comes later', content(schema, 'output', schemas));

const answer = (description: string, contents: Json): Json => ({ description, content: contents });

const content = (schema: z.ZodType, io: 'input' | 'output', schemas: Json, example?: unknown): Json => ({
  'application/json': { schema: jsonSchema(schema, io, schemas), ...(example === undefined ? {} : { example }) },
});

/** Problems by status, each with its code on the wire and what it means here. */
function refusals(route: Route): Json {
  const byStatus = new Map<number, Map<string, string>>();
  for (const code of declaredProblems(route)) {
    const worded = wording(route, code);
    const at = byStatus.get(worded.status) ?? new Map<string, string>();
    const titles = [at.get(worded.code) ?? [], problems[code].title].flat();
    byStatus.set(worded.status, at.set(worded.code, titles.join('; or: ')));
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [status, refusal(codes)]));
}

function refusal(codes: ReadonlyMap<string, string>): Json {
  const [[code, message] = []] = codes;
  return {
    // Markdown would take `<key>` for a tag and drop it.
    description: [...codes].map(([code, title]) => `- \`${code}\`: ${title.replaceAll('<', '&lt;')}`).join('\n'),
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Error' },
            { type: 'object', properties: { error: { type: 'object', properties: { code: { enum: [...codes.keys()] } } } } },
          ],
        },
        example: { error: { code, message } },
      },
    },
  };
}
