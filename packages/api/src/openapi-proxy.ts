/** The proxy in openapi.json, by hand: it takes any method, path and body, so it is no route of the contract. `path` may hold slashes. */
import { problems } from './problems.ts';

export type Json = { [key: string]: unknown };

const header = (name: string, description: string, schema: Json = { type: 'string' }, required = false): Json => ({
  name,
  in: 'header',
  description,
  required,
  schema,
});

const parameters = [
  {
    name: 'path',
    in: 'path',
    required: true,
    description: 'Path and query below the API address of the provider.',
    schema: { type: 'string' },
  },
  header('Connection-Id', 'The connection whose credentials are used.', { type: 'string' }, true),
  header('Provider-Config-Key', 'The integration of that connection.', { type: 'string' }, true),
  header('Retries', 'Further tries after a 429, a 5xx or no answer, with growing pauses.', {
    type: 'integer',
    minimum: 0,
    maximum: 10,
    default: 0,
  }),
  header('Retry-On', 'Further statuses to try again on, separated by commas.', { type: 'string', examples: ['404,409'] }),
  header('Base-Url-Override', 'Another API address than that of the catalogue.', { type: 'string', format: 'uri' }),
  header('Forward-Headers-On-Redirect', 'Send credentials on to another host too, should the provider redirect there.', {
    type: 'boolean',
  }),
];

const codes = [
  'invalid_headers',
  'missing_auth_header',
  'malformed_auth_header',
  'invalid_secret_key_format',
  'unknown_account',
  'forbidden',
  'unknown_provider_config',
  'unknown_connection',
  'unknown_provider_template',
  'missing_api_url',
  'invalid_query_params',
  'base_url_override_not_allowed',
  'request_too_large',
  'connection_refresh_exhausted',
  'connection_refresh_backoff',
  'refresh_token_external_error',
  'upstream_unreachable',
  'upstream_timeout',
  'server_error',
] as const;

const operation = (method: string): Json => ({
  operationId: `proxy.${method}`,
  summary: `${method.toUpperCase()} through a connection; status, headers and body are the provider's`,
  description:
    'Headers named `Nango-Proxy-…` or `Bowline-Proxy-…` reach the provider without that beginning; others do not. Refusals of Bowline itself have the form `Error` ' +
    `and one of these codes: ${codes.map((code) => `\`${code}\` (${code === 'unknown_provider_config' ? 404 : problems[code].status})`).join(', ')}.`,
  tags: ['proxy'],
  security: [{ apiKey: ['environment:proxy'] }],
  parameters,
  ...(method === 'get' || method === 'delete' ? {} : { requestBody: { content: { '*/*': {} } } }),
  responses: { default: { description: "The provider's answer, or a refusal", content: { '*/*': {} } } },
});

export const proxyPath: Json = Object.fromEntries(['get', 'post', 'put', 'patch', 'delete'].map((method) => [method, operation(method)]));
