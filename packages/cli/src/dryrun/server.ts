/** A server as a dry run uses it: the public API with the environment's key, which is in no message and no recording. */
import { ApiError } from '@bowline/api/client';
import { CallError } from '@bowline/api/protocol';
import type { Target } from '../deploy/target.ts';
import { exitCodes } from '../failure.ts';
import { reach, Unreached } from '../remote/reach.ts';
import { explain, remoteOf } from '../remote/server.ts';

export type Server = ReturnType<typeof openServer>;

export function openServer(target: Target, tell?: (message: string) => void) {
  const { headers } = reach(target);
  return { ...target, headers, api: remoteOf(target, { tell }).api };
}

/** For questions of the command itself. @throws Failure that says what to do */
export async function asked<T>(target: Target, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw await explain(error, target, { exitCode: exitCodes.run });
  }
}

/** For questions of a function: it sees the server's refusal as it would on the platform. */
export async function relayed<T>(_server: Pick<Target, 'host'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Unreached) throw new CallError({ name: 'Error', message: error.message });
    if (!(error instanceof ApiError)) throw error;
    const { code, message, details } = error;
    throw new CallError({ name: 'Error', code, message, ...(details.payload === undefined ? {} : { payload: details.payload }) });
  }
}
