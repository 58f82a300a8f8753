/** The proxy in openapi.json: it takes any method, path and body, so it is no route of the contract. `path` may hold slashes. */
import * as z from 'zod';
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

function headers(): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(ProxyHeaders, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, given]) => {
    const { description, ...schema } = Object(given);
    return { name, in: 'header', description, required: required.includes(name), schema };
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
  parameters: [path, ...headers()],
  ...(method === 'get' || method === 'delete' ? {} : { requestBody: { content: { '*/*': {} } } }),
  responses: { default: { description: "The provider's answer, or a refusal", content: { '*/*': {} } } },
});

export const proxyPath: Json = Object.fromEntries(['get', 'post', 'put', 'patch', 'delete'].map((method) => [method, operation(method)]));
