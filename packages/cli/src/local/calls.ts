/** A sandbox's call, parsed and handed to the answer of its name: what a replay and a dry run have in common. */
import { type CallMethod, type CallParams, calls, isCallMethod } from '@bowline/api/calls';
import { CallError } from '@bowline/api/protocol';
import type { SandboxAnswer, SandboxCall } from '@bowline/sandbox/pool';

export type Answers<M extends CallMethod = CallMethod> = {
  readonly [K in M]: (params: CallParams<K>, body: Buffer) => SandboxAnswer | Promise<SandboxAnswer>;
};

/** @throws CallError for a name that is no call, or parameters that do not fit it: the platform refuses them alike */
export async function dispatch(answers: Answers, { method, params, body }: SandboxCall): Promise<SandboxAnswer> {
  if (!isCallMethod(method)) throw refused('unknown_call', `There is no call ${method}.`);
  const parsed = calls[method].params.safeParse(params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused('invalid_call', `${method}: ${issue?.path.join('.')} ${issue?.message}`);
  }
  // proof: the table pairs each method with the parameters that its schema gave
  return (answers[method] as (params: unknown, body: Buffer) => SandboxAnswer | Promise<SandboxAnswer>)(parsed.data, body);
}

export const refused = (code: string, message: string, payload?: unknown): CallError =>
  new CallError({ name: 'Error', code, message, ...(payload === undefined ? {} : { payload }) });

/** The records of a write: one JSON text a line, in the order of the ids. */
export function recordsOf({ ids }: CallParams<'records.save'>, body: Buffer): Record<string, unknown>[] {
  const lines = body.toString('utf8').split('\n');
  return ids.map((id, index) => (lines[index] ? JSON.parse(lines[index]) : { id }));
}
