/** What went wrong, as a JSON-RPC error: its `data` is what the same failure answers elsewhere on the wire. Never a stack, never a secret. */
import { Problem, problem } from '@bowline/api/problem';
import type { ProblemCode } from '@bowline/api/problems';
import type { World } from '../base/world.ts';
import { problemAnswer } from '../http/answer.ts';

type Failure = { readonly code: number; readonly message: string; readonly data: object };

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
/** What the caller can set right by other parameters. */
const byParams: readonly ProblemCode[] = ['not_found', 'disabled_resource', 'invalid_action_input'];

/** What nobody expected is logged whole under the request's id. */
export function failureOf({ log }: Pick<World, 'log'>, requestId: string, error: unknown): Failure {
  if (!(error instanceof Problem)) log.error({ err: error, request: requestId }, 'a tool failed unexpectedly');
  const known = error instanceof Problem ? error : problem('server_error', { payload: { id: requestId } });
  const data = { ...problemAnswer(undefined, known).body.error, request_id: requestId };
  const message = 'message' in data && typeof data.message === 'string' ? data.message : known.message;
  return { code: byParams.includes(known.code) ? INVALID_PARAMS : INTERNAL_ERROR, message, data };
}
