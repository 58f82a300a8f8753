/** The proxy: any method, path and body below `/proxy`. No route like the others, so what it reads and refuses is here as data of its own. */
import * as z from 'zod';
import { ConnectionId, Flag, ProviderConfigKey } from './fields.ts';
import type { Route } from './route.ts';

/** Published clients send a header they have no value for as an empty one. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

export const ProxyHeaders = z.object({
  'connection-id': ConnectionId.describe('The connection whose credentials are used.'),
  'provider-config-key': ProviderConfigKey.describe('The integration of that connection.'),
  retries: optional(z.coerce.number().int().min(0).max(10)).describe(
    'Further tries after a 429, a 5xx or no answer, with growing pauses: 0 to 10, default 0. POST and PATCH are repeated only after a 429, or when they never reached the provider.',
  ),
  'retry-on': optional(z.string().regex(/^\d{3}(,\s*\d{3})*$/, 'Statuses separated by commas')).describe(
    'Further statuses to try again on, with any method, separated by commas.',
  ),
  'base-url-override': optional(z.url({ protocol: /^https?$/ })).describe(
    'Another API address than that of the catalogue. An operator decides which hosts are allowed.',
  ),
  'forward-headers-on-redirect': optional(Flag).describe(
    'Send credentials on to another host too, should the provider redirect there. Default false.',
  ),
  decompress: optional(Flag).describe('Accepted for older clients; bodies pass as they are.'),
  'nango-activity-log-id': optional(z.string().max(255)).describe('Write to this operation of the activity log instead of a new one.'),
});
export type ProxyHeaders = z.output<typeof ProxyHeaders>;

/** What the proxy shares with a route of the contract: who may call, what of the request is ours to read, and how it refuses. */
export const proxyRoute = {
  method: 'GET',
  path: '/proxy',
  summary: 'Call the API of the provider through a connection',
  caller: 'apiKey',
  scope: ['environment:proxy'],
  headers: ProxyHeaders,
  answer: z.unknown(),
  problems: [
    // Only of a path whose percent signs mean nothing, and of a type that is none.
    'invalid_uri_params',
    'invalid_content_type',
    'request_too_large',
    'unknown_provider_config',
    'unknown_connection',
    'unknown_provider_template',
    'missing_api_url',
    'invalid_credentials',
    'connection_pending',
    'base_url_override_not_allowed',
    'upstream_unreachable',
    'upstream_timeout',
    'provider_rate_limited',
    'connection_refresh_exhausted',
    'connection_refresh_backoff',
    'refresh_token_external_error',
  ],
  wording: { unknown_provider_config: { status: 404 } },
} as const satisfies Route;
