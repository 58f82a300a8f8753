/** A server as a dry run uses it: the public API with the environment's key, which is in no message and no recording. */
import { actions } from '@bowline/api/actions';
import { ApiError, createClient } from '@bowline/api/client';
import { connections } from '@bowline/api/connections';
import { environment } from '@bowline/api/environment';
import { integrations } from '@bowline/api/integrations';
import { CallError } from '@bowline/api/protocol';
import { records } from '@bowline/api/records';
import type { Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { toolbox } from '../toolbox.ts';

const routes = { connections, integrations, environment, records, actions };

export type Server = ReturnType<typeof openServer>;

export function openServer(target: Target) {
  const headers = () => ({ authorization: `Bearer ${target.secretKey}`, 'user-agent': `bowline-cli/${toolbox.version}` });
  return { ...target, headers, api: createClient(routes, { baseUrl: target.host, headers }) };
}

/** For questions of the command itself. @throws Failure that says what to do */
export async function asked<T>({ host, keySource }: Target, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError) {
      const refused = error.status === 401 || error.status === 403;
      const advice = refused ? ` The API key comes from ${keySource}: does it belong to this server and environment?` : '';
      throw new Failure(exitCodes.run, `${host} answered ${error.code} (${error.status}): ${error.message}.${advice}`);
    }
    throw new Failure(
      exitCodes.run,
      `Cannot reach ${host} (${reasonOf(error)}). Is the server running? Another address: --host or BOWLINE_HOST.`,
    );
  }
}

/** For questions of a function: it sees the server's refusal as it would on the platform. */
export async function relayed<T>({ host }: Target, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ApiError)) throw new CallError({ name: 'Error', message: `Cannot reach ${host}: ${reasonOf(error)}` });
    const { code, message, details } = error;
    throw new CallError({ name: 'Error', code, message, ...(details.payload === undefined ? {} : { payload: details.payload }) });
  }
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? cause.message || cause.name : error.message;
}
