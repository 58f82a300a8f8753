/** The proxy and the endpoints of functions in openapi.json: they take any method, path and body, so they are no routes of the contract. `path` may hold slashes. */
import * as z from 'zod';
import { EndpointHeaders, endpointMethods, endpointProblems, endpointScopes } from './endpoints.ts';
import { everywhere, problems } from './problems.ts';
import { ProxyHeaders, proxyProblems, proxyScope, proxyWording } from './proxy.ts';

export type Json = { [key: string]: unknown };

const path = {
  name: 'path',
  in: 'path',
  required: true,
  description: 'Path and query below the API address of the provider.',
  schema: { type: 'string' },
};

function headers(schema: z.ZodType): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, given]) => {
    const { description, ...schemaOfOne } = Object(given);
    return { name, in: 'header', description, required: required.includes(name), schema: schemaOfOne };
  });
}

const statusOf = (code: (typeof codes)[number]) => (code in proxyWording ? Object(proxyWording)[code].status : problems[code].status);
const codes = [...new Set([...everywhere, ...proxyProblems])];

const operation = (method: string): Json => ({
  operationId: `proxy.${method}`,
  summary: `${method.toUpperCase()} through a connection; status, headers and body are the provider's`,
  description:
    'Headers named `Nango-Proxy-…` or `Bowline-Proxy-…` reach the provider without that beginning; others do not. Refusals of Bowline itself have the form `Error` ' +
    `and one of these codes: ${codes.map((code) => `\`${code}\` (${statusOf(code)})`).join(', ')}.`,
  tags: ['proxy'],
  security: [{ apiKey: [proxyScope] }],
  parameters: [path, ...headers(ProxyHeaders)],
  ...(method === 'get' || method === 'delete' ? {} : { requestBody: { content: { '*/*': {} } } }),
  responses: { default: { description: "The provider's answer, or a refusal", content: { '*/*': {} } } },
});

export const proxyPath: Json = Object.fromEntries(['get', 'post', 'put', 'patch', 'delete'].map((method) => [method, operation(method)]));

const endpointPathParameter = { ...path, description: 'The path that a deployed function of the integration declares, with this method.' };
const endpointOperation = (method: string): Json => ({
  operationId: `endpoints.${method}`,
  summary: 'Call the function that declares this endpoint: an action with the body as its input, or read the records of a model',
  description: `Refusals have the form \`Error\` and one of these codes: ${[...new Set([...everywhere, ...endpointProblems])]
    .map((code) => `\`${code}\` (${problems[code].status})`)
    .join(', ')}.`,
  tags: ['endpoints'],
  deprecated: true,
  security: Object.values(endpointScopes).map((scope) => ({ apiKey: [scope] })),
  parameters: [endpointPathParameter, ...headers(EndpointHeaders)],
  ...(method === 'get' || method === 'delete' ? {} : { requestBody: { content: { 'application/json': {} } } }),
  responses: { default: { description: "The action's output, a page of records, or a refusal", content: { 'application/json': {} } } },
});

export const endpointPath: Json = Object.fromEntries(
  endpointMethods.map((method) => [method.toLowerCase(), endpointOperation(method.toLowerCase())]),
);
