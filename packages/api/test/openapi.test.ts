/** openapi.json against OpenAPI's own schema, and against the contract: nothing public is missing, every refusal is there as the wire says it. */
import { exampleOf } from '@bowline/api/examples';
import { openApi } from '@bowline/api/openapi';
import type { Route } from '@bowline/api/route';
import { publicRoutes } from '@bowline/api/routes';
import { Validator } from '@seriousme/openapi-schema-validator';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';

type Contents = Record<string, { schema?: object; example?: unknown }>;
type Operation = {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters: { name: string; in: string; required: boolean; description?: string }[];
  requestBody?: { required: boolean; content: Contents };
  responses: Record<string, { description: string; content?: Contents }>;
};
const document = openApi({ serverUrl: 'https://bowline.test', version: '1.2.3' });
const routes = Object.entries(publicRoutes).flatMap(([resource, byName]) =>
  Object.entries<Route>(byName).map(([name, route]) => ({ id: `${resource}.${name}`, route })),
);
const operations = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation as Operation] as const),
  ),
);
const operationOf = ({ method, path }: Route) => {
  const found = operations.get(`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  if (!found) throw new Error(`openapi.json has no ${method} ${path}`);
  return found;
};

/** Paths of the fields that nobody described, however deep. A reference is described where it leads. */
function undescribed(schema: unknown, path = ''): string[] {
  const { properties, items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = Object(schema);
  const fields = Object.entries(Object(properties)).flatMap(([name, field]) => [
    ...(Object(field).description || Object(field).$ref ? [] : [`${path}.${name}`]),
    ...undescribed(field, `${path}.${name}`),
  ]);
  return [...fields, ...[items, additionalProperties, ...anyOf, ...oneOf, ...allOf].flatMap((one) => (one ? undescribed(one, path) : []))];
}

/** One of the examples says what time it is. */
beforeAll(() => void vi.useFakeTimers({ now: new Date('2026-08-01T10:00:00Z'), toFake: ['Date'] }));
afterAll(() => void vi.useRealTimers());

test('openapi.json is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('every reference leads to a definition of the document', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(references.length).toBeGreaterThan(100);
  expect(Object.keys(Object(document.components.schemas))).toEqual(expect.arrayContaining(references));
  expect(JSON.stringify(document)).not.toContain('$defs');
});

test('operations are the public routes, the proxy and the endpoints of functions, each under a name of its own', () => {
  const ids = [...operations.values()].map(({ operationId }) => operationId);
  const open = ['get', 'post', 'put', 'patch', 'delete'].flatMap((method) => [`proxy.${method}`, `endpoints.${method}`]);
  expect(ids.toSorted()).toEqual([...routes.map(({ id }) => id), ...open].toSorted());
});

describe.each(routes)('$id', ({ id, route }) => {
  const operation = operationOf(route);

  test('stands at its path and method', () => expect(operation.operationId).toBe(id));

  test('documents every problem it declares', () => {
    const texts = Object.entries(operation.responses).map(([status, { description }]) => `${status} ${description}`);
    for (const code of route.problems) {
      const onWire = route.wording?.[code]?.code ?? code;
      const status = route.wording?.[code]?.status;
      expect(texts.some((text) => text.includes(`\`${onWire}\``) && (status === undefined || text.startsWith(String(status))))).toBe(true);
    }
  });

  test('has an example of each refusal, with a code of that status', () => {
    for (const [status, { description, content }] of Object.entries(operation.responses).filter(([one]) => one >= '4')) {
      const { code, message } = Object(content?.['application/json']?.example).error;
      expect([status, description]).toEqual([status, expect.stringContaining(`\`${code}\``)]);
      expect(message).toMatch(/\S/);
    }
  });

  test('names its successes, of which one that refuses everybody has none, its path parameters and its body', () => {
    const successes = [...(route.answer instanceof z.ZodNever ? [] : [route.status ?? 200]), ...(route.accepted ? [202] : [])];
    expect(Object.keys(operation.responses).filter((status) => status.startsWith('2'))).toEqual(successes.map(String));
    const named = operation.parameters.filter((one) => one.in === 'path' && one.required).map(({ name }) => name);
    expect(named).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
    expect(operation.requestBody !== undefined).toBe(route.body !== undefined);
  });

  test('describes every parameter, every field of its body and every field of its answer', () => {
    const { parameters, requestBody, responses } = operation;
    expect(parameters.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
    const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
    const contents = [requestBody?.content, ...answers.map(([, { content }]) => content)];
    expect(contents.flatMap((content) => undescribed(content?.['application/json']?.schema))).toEqual([]);
  });

  test('has an example of its body and of its answer, in the shapes it takes and gives', () => {
    const { body, answer } = exampleOf(id);
    expect(operation.requestBody?.content['application/json']?.example).toEqual(body);
    expect(operation.responses[route.status ?? 200]?.content?.['application/json']?.example).toEqual(answer);
    const hasAnswer = route.status !== 204 && !(route.answer instanceof z.ZodNever);
    expect([body !== undefined, answer !== undefined]).toEqual([route.body !== undefined, hasAnswer]);
    if (route.body) expect(route.body.safeParse(body).error).toBeUndefined();
    if (hasAnswer) expect(route.answer.parse(answer)).toEqual(answer);
  });

  test('says who may call', () => {
    if (route.caller === 'public') return expect(operation.security).toBeUndefined();
    expect(operation.security?.length).toBeGreaterThan(0);
    const scheme = route.caller === 'accountKey' ? 'accountKey' : 'apiKey';
    const granted = operation.security?.flatMap((one) => one[scheme] ?? []);
    expect(granted).toEqual(route.scope ?? []);
    expect(operation.responses).toHaveProperty('401');
  });
});

test('what is defined under a name is described, with all its fields', () => {
  const { Error: _, ...schemas } = Object(document.components.schemas);
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining(['Connection', 'Integration', 'FunctionSummary', 'SyncedRecord', 'SyncStatus']),
  );
  expect(Object.entries(schemas).filter(([, schema]) => !Object(schema).description)).toEqual([]);
  expect(Object.entries(schemas).flatMap(([name, schema]) => undescribed(schema, name))).toEqual([]);
});

test('the proxy and the endpoints of functions describe their parameters too', () => {
  const open = [...operations.values()].filter(({ operationId }) => /^(proxy|endpoints)\./.test(operationId));
  expect(open.length).toBe(10);
  expect(open.flatMap(({ parameters }) => parameters.filter(({ description }) => !description))).toEqual([]);
});

test('a description that a route gives is that of its operation', () => {
  const described = routes.filter(({ route }) => route.description);
  expect(described.length).toBeGreaterThan(20);
  for (const { route } of described) expect(operationOf(route)).toHaveProperty('description', route.description);
});

test('a problem that a route words otherwise stands under that status and code', () => {
  const { responses } = operationOf(publicRoutes.connections.get);
  expect(responses['404']?.description).toContain('`not_found`: No such connection');
  expect(responses['400']?.description).not.toContain('`unknown_connection`');
});

test('headers and nested query keys are described as they travel', () => {
  expect(operationOf(publicRoutes.records.list).parameters).toContainEqual(
    expect.objectContaining({ name: 'Provider-Config-Key', in: 'header', required: true }),
  );
  expect(operationOf(publicRoutes.connections.list).parameters).toContainEqual(
    expect.objectContaining({ name: 'tags', in: 'query', style: 'deepObject' }),
  );
});

test('answers may gain fields, requests may not', () => {
  const { requestBody, responses } = operationOf(publicRoutes.connections.update);
  expect(JSON.stringify(requestBody)).toContain('"additionalProperties":false');
  expect(JSON.stringify(responses['200'])).not.toContain('"additionalProperties":false');
});
