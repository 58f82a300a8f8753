/** Turns what was thrown into the wire's error envelope: `{ error: { code, message, payload?, errors? } }`. Never a stack, never a secret. */
import { declaredProblems, wording } from '@bowline/api/answers';
import { type Issue, Problem, type ProblemDetails, problem } from '@bowline/api/problem';
import { type ProblemCode, problems } from '@bowline/api/problems';
import type { Route } from '@bowline/api/route';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodError } from 'zod';

type ErrorAnswer = { status: number; body: { error: object } };

/** The envelope of a problem on a route, in the route's own wording. */
export function problemAnswer(route: Pick<Route, 'wording'> | undefined, { code, details }: Problem): ErrorAnswer {
  const worded = wording(route, code);
  return { status: details.status ?? worded.status, body: { error: envelope(worded.code, code, details) } };
}

function envelope(wireCode: ProblemCode, code: ProblemCode, { message, payload, errors, upstream, at }: ProblemDetails) {
  return {
    code: wireCode,
    message: message ?? (errors ? summary(errors) : problems[code].title),
    ...(payload === undefined ? {} : { payload }),
    ...(errors ? { errors } : {}),
    ...(upstream ? { upstream } : {}),
    ...at,
  };
}

/** A validation error says in one line what is wrong, for people who read only the message. */
function summary(errors: Issue[]): string {
  return errors.map(({ message, path }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');
}

/** One item per zod issue, every path element a string. */
export function issuesOf(error: ZodError): Issue[] {
  return error.issues.map(({ code, message, path }) => ({ code, message, path: path.map(String) }));
}

/** Is the problem one that the route says it may answer? An undeclared one is a hole in the contract. */
export function isDeclared(route: Route, code: ProblemCode): boolean {
  return declaredProblems(route).includes(code);
}

/** Errors that Fastify itself raises, by its codes. */
const fastifyProblems: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'invalid_content_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_body',
  FST_ERR_BAD_URL: 'invalid_uri_params',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid_uri_params',
  FST_STATIC_FORBIDDEN_PATH: 'not_found',
};

/** Sends any thrown value, with the request's id. What nobody expected is logged whole under that id and answered as `server_error`. */
export function sendError(request: FastifyRequest, reply: FastifyReply, error: unknown, route?: Route): FastifyReply {
  if (reply.sent) return reply;
  const known = error instanceof Problem ? error : expected(error, request);
  // A caller that went away in the middle of its body is nobody's failure.
  if (!known) request.log[request.socket.destroyed ? 'debug' : 'error']({ err: error }, 'request failed unexpectedly');
  else if (route && !isDeclared(route, known.code))
    request.log.error({ code: known.code, path: route.path }, 'problem missing in the contract');
  const { status, body } = problemAnswer(route, known ?? problem('server_error', { payload: { id: request.id } }));
  const text = JSON.stringify({ error: { ...body.error, request_id: request.id } });
  return reply.code(status).type('application/json; charset=utf-8').send(text);
}

/** What Postgres refuses to store, by SQLSTATE: texts with NUL, halves of surrogate pairs, nesting beyond its stack. */
const unstorable = new Set(['22021', '22P05', '22P02', '54001']);

function expected(error: unknown, { method }: FastifyRequest): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (fastifyProblems[code]) return problem(fastifyProblems[code]);
  // JSON.stringify runs out of stack at some thousand levels, well before JSON.parse does.
  const isTooDeep = error instanceof RangeError && error.message.includes('call stack');
  if (isTooDeep || unstorable.has(code)) {
    const message = 'A value cannot be stored: it holds a NUL character or half a character, or is nested too deeply';
    return problem(method === 'GET' || method === 'HEAD' ? 'invalid_query_params' : 'invalid_body', { message });
  }
  return error instanceof SyntaxError && 'statusCode' in error ? problem('invalid_json') : undefined;
}
