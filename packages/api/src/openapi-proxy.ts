/** The proxy and the endpoints of functions in openapi.json: they take any method, path and body, so they are no routes of the contract. `path` may hold slashes. */
import { declaredProblems, wording } from './answers.ts';
import { EndpointHeaders, endpointMethods, endpointRoute } from './endpoints.ts';
import { type Json, parameters } from './openapi-schema.ts';
import { ProxyHeaders, proxyRoute } from './proxy.ts';
import type { Route } from './route.ts';

const path = {
  name: 'path',
  in: 'path',
  required: true,
  description: 'Path and query below the API address of the provider.',
  schema: { type: 'string' },
};

const refusalsOf = (route: Route) =>
  declaredProblems(route)
    .map((code) => wording(route, code))
    .map(({ code, status }) => `\`${code}\` (${status})`)
    .join(', ');

const operation = (method: string): Json => ({
  operationId: `proxy.${method}`,
  summary: `${method.toUpperCase()} through a connection; status, headers and body are the provider's`,
  description:
    'The credentials of the connection are added to the request; they are renewed first when they are about to expire, and once after a 401. ' +
    'Headers named `Nango-Proxy-…` or `Bowline-Proxy-…` reach the provider without that beginning; others do not. Refusals of Bowline itself have the form `Error` ' +
    `and one of these codes: ${refusalsOf(proxyRoute)}.`,
  tags: ['proxy'],
  security: [{ apiKey: [...proxyRoute.scope] }],
  parameters: [path, ...parameters('header', ProxyHeaders, {})],
  ...(method === 'get' || method === 'delete' ? {} : { requestBody: { content: { '*/*': {} } } }),
  responses: { default: { description: "The provider's answer, or a refusal", content: { '*/*': {} } } },
});

export const proxyPath = (): Json =>
  Object.fromEntries(['get', 'post', 'put', 'patch', 'delete'].map((method) => [method, operation(method)]));

const endpointPathParameter = { ...path, description: 'The path that a deployed function of the integration declares, with this method.' };
const endpointOperation = (method: string): Json => ({
  operationId: `endpoints.${method}`,
  summary: endpointRoute.summary,
  description: `Refusals have the form \`Error\` and one of these codes: ${refusalsOf(endpointRoute)}.`,
  tags: ['endpoints'],
  deprecated: true,
  security: endpointRoute.scope.map((scope) => ({ apiKey: [scope] })),
  parameters: [endpointPathParameter, ...parameters('header', EndpointHeaders, {})],
  ...(method === 'get' || method === 'delete' ? {} : { requestBody: { content: { 'application/json': {} } } }),
  responses: { default: { description: "The action's output, a page of records, or a refusal", content: { 'application/json': {} } } },
});

export const endpointPath = (): Json =>
  Object.fromEntries(endpointMethods.map((method) => [method.toLowerCase(), endpointOperation(method.toLowerCase())]));
