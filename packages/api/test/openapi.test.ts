/** openapi.json against OpenAPI's own schema, and against the contract: nothing public is missing, every refusal is there as the wire says it. */
import { openApi } from '@bowline/api/openapi';
import type { Route } from '@bowline/api/route';
import { publicRoutes } from '@bowline/api/routes';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

type Operation = {
  operationId: string;
  security?: Record<string, string[]>[];
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { required: boolean };
  responses: Record<string, { description: string; content?: object }>;
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

  test('names its successes, of which one that refuses everybody has none, its path parameters and its body', () => {
    const successes = [...(route.answer instanceof z.ZodNever ? [] : [route.status ?? 200]), ...(route.accepted ? [202] : [])];
    expect(Object.keys(operation.responses).filter((status) => status.startsWith('2'))).toEqual(successes.map(String));
    const named = operation.parameters.filter((one) => one.in === 'path' && one.required).map(({ name }) => name);
    expect(named).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
    expect(operation.requestBody !== undefined).toBe(route.body !== undefined);
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
