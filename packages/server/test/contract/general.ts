/** Requests that produce what any route of a kind can answer: a good request of the route, spoilt in one place. */
import type { GeneralProblem } from '@bowline/api/answers';
import type { Route } from '@bowline/api/route';
import type * as z from 'zod';
import type { Request } from './case.ts';
import type { Outgoing } from './send.ts';
import { wire } from './wire.ts';
import type { ContractWorld } from './world.ts';

type Good = { world: ContractWorld; route: Route; request: Request };
type Spoil = (good: Good) => Outgoing[] | Promise<Outgoing[]>;

const UNKNOWN_KEY = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const UNKNOWN_SESSION = `nango_connect_session_${'0'.repeat(64)}`;
const TOO_LARGE = 80 * 1024 * 1024;

/** Total: what `general` in @bowline/api/answers can name has a way to be produced. */
export const spoiled: Record<Exclude<GeneralProblem, 'server_error'>, Spoil> = {
  missing_auth_header: (good) => [withHeaders(good, { authorization: undefined })],
  malformed_auth_header: (good) => [withHeaders(good, { authorization: '' })],
  invalid_secret_key_format: (good) =>
    ['Bearer not-a-uuid', 'Basic dXNlcjpwYXNz'].map((authorization) => withHeaders(good, { authorization })),
  unknown_account: (good) => [withToken(good, UNKNOWN_KEY)],
  signed_out: (good) => [asMember(good, { cookie: 'bowline_session=unknown', 'x-bowline-environment': 'dev' })],
  // Refused for another reason, it costs a point too, so that asking again is one too many for `world.strict`.
  too_many_request: (good) => {
    if (good.route.scope) return spoiled.forbidden(good);
    return good.route.query ? spoiled.invalid_query_params(good) : [spoil(good, {})];
  },
  forbidden: (good) => [withToken(good, keyWithout(good))],
  invalid_connect_session_token_format: (good) => [withToken(good, 'nango_connect_session_short')],
  unknown_connect_session_token: (good) => [withToken(good, UNKNOWN_SESSION)],
  deprecated_authentication: ({ request, ...good }) => {
    const { connect_session_token: _, ...query } = { connect_session_token: '', ...partsOf(request).query };
    return [spoil({ request, ...good }, { query: { ...query, public_key: UNKNOWN_KEY } })];
  },
  missing_public_key: (good) => [withToken(good, undefined), withToken(good, '')],
  invalid_json: (good) => ['{', '{"a":', 'nonsense', "{'a': 1}", '{"a":1}{"b":2}', '\u0000'].map((body) => withBody(good, body)),
  invalid_content_type: (good) =>
    ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'].map((type) =>
      withBody(good, '{}', { 'content-type': type }),
    ),
  request_too_large: (good) => [{ ...withBody(good, '{"a":"'), announcedBytes: TOO_LARGE }],
  invalid_body: (good) => refusedBy(good.route.body, BODIES).map((body) => withBody(good, JSON.stringify(body))),
  invalid_query_params: ({ route, ...good }) =>
    refusedBy(route.query, queriesBeside(good.request)).map((query) => spoil({ route, ...good }, { query })),
  invalid_uri_params: ({ route, ...good }) =>
    refusedBy(route.params, paramsInsteadOf(good.request)).map((params) => spoil({ route, ...good }, { params })),
  invalid_headers: (good) => [...strangeEnvironment(good), ...wrongHeaders(good)],
};

const BODIES = [7, 'text', true, [], [{}], {}, { surprising_key: 1 }];

const partsOf = (request: Request) => ({ params: {}, query: {}, headers: {}, ...request });

function spoil({ world, route, request }: Good, parts: object): Outgoing {
  return wire(route, { ...request, ...parts }, { ...world, apiKey: world.platform.apiKey });
}

function withHeaders(good: Good, changed: Record<string, string | undefined>): Outgoing {
  const sent = spoil(good, {});
  const headers = Object.entries({ ...sent.headers, ...changed }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { ...sent, headers: Object.fromEntries(headers) };
}

function withToken(good: Good, token: string | undefined): Outgoing {
  if (good.route.caller !== 'connectSessionInQuery') return spoil(good, { token });
  return spoil(good, { query: { ...partsOf(good.request).query, connect_session_token: token } });
}

function withBody(good: Good, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Outgoing {
  return { ...withHeaders(good, headers), body };
}

function asMember(good: Good, headers: Record<string, string>): Outgoing {
  return withHeaders(good, { authorization: undefined, ...headers });
}

function keyWithout({ world, route }: Good): string {
  const kind = route.caller === 'accountKey' ? 'account:' : 'environment:';
  const [, key] = [...world.poorKeys].find(([scope]) => scope.startsWith(kind) && !route.scope?.some((one) => one === scope)) ?? [];
  if (key === undefined) throw new Error(`every key of the tests may call ${route.path}`);
  return key;
}

/** Of the candidates those the schema does not take; a schema that takes all of them needs another candidate here. */
function refusedBy<T>(schema: z.ZodType | undefined, candidates: readonly T[]): T[] {
  return candidates.filter((candidate) => schema?.safeParse(candidate).success === false);
}

/** Each key that is there as an object, and one that nobody knows. */
function queriesBeside(request: Request): object[] {
  const { query } = partsOf(request);
  const names = ['connection_id', 'include_creds', ...Object.keys(query)].filter((name) => name !== 'connect_session_token');
  return [{ ...query, surprising_key: '1' }, ...names.map((name) => ({ ...query, [name]: { a: { b: '1' } } }))];
}

function paramsInsteadOf(request: Request): object[] {
  const { params } = partsOf(request);
  const wrong = ['\u0000', 'x'.repeat(300), '..', 'ä', '💥', "' or 1=1--"];
  return Object.keys(params).flatMap((name) => wrong.map((value) => ({ ...params, [name]: value })));
}

function strangeEnvironment(good: Good): Outgoing[] {
  if (!['apiKey', 'accountKey', 'connectSessionOrApiKey', 'member'].includes(good.route.caller)) return [];
  const named = { cookie: good.world.memberCookie, 'x-bowline-environment': 'nowhere' };
  return [asMember(good, named)];
}

function wrongHeaders(good: Good): Outgoing[] {
  const { headers } = partsOf(good.request);
  const names = ['connection-id', 'provider-config-key', 'retries'];
  const wrong = names.flatMap((name) => ['x'.repeat(256), 'ä'].map((value) => ({ ...headers, [name]: value })));
  return refusedBy(good.route.headers, [{}, ...wrong]).map((changed) => {
    const bare = spoil(good, { headers: {} });
    return { ...bare, headers: { ...bare.headers, ...changed } };
  });
}
