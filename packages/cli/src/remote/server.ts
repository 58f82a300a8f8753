/** A server as the commands that look and act on it use it, by the contract. What it refuses becomes a Failure that says what to do. */
import { actions } from '@bowline/api/actions';
import { ApiError, type Client, createClient } from '@bowline/api/client';
import { connections } from '@bowline/api/connections';
import { integrations } from '@bowline/api/integrations';
import { records } from '@bowline/api/records';
import { syncs } from '@bowline/api/syncs';
import { findTarget, type Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import { causeOf } from '../openapi/source.ts';
import type { TargetOptions } from '../provider/server.ts';
import type { Terminal } from '../terminal.ts';
import { toolbox } from '../toolbox.ts';

const routes = { connections, integrations, records, syncs, actions };
export type Remote = { readonly target: Target; readonly api: Client<typeof routes> };

/** Node's own fetch waits five minutes for an answer to begin; ours says what to do a little before. */
const timeoutMs = 290_000;

export const openRemote = (root: string, { environment = 'dev', host, secretKey }: TargetOptions, { io }: Terminal): Remote =>
  remoteOf(findTarget({ environment, host, secretKey, root, env: io.env }));

export const remoteOf = (target: Target): Remote => ({
  target,
  api: createClient(routes, {
    baseUrl: target.host,
    headers: () => ({ authorization: `Bearer ${target.secretKey}`, 'user-agent': `bowline-cli/${toolbox.version}` }),
    fetch: async (input, init) => {
      try {
        return await fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
      } catch (error) {
        throw unreachable(target.host, error);
      }
    },
  }),
});

/** @throws Failure for what the server refuses: 11, or what `onProblem` makes of the problem */
export const ask = async <T>(
  { target, api }: Remote,
  work: (api: Remote['api']) => Promise<T>,
  onProblem: (error: ApiError) => Failure | undefined = () => undefined,
): Promise<T> => {
  try {
    return await work(api);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (!(error instanceof ApiError)) throw new Failure(exitCodes.deploy, `${target.host} ${unknownForm}`);
    throw onProblem(error) ?? refused(error, target);
  }
};

const unknownForm = 'answered in a form this command does not know. Is it a Bowline server of the same version?';

/** The address never holds a secret; the cause is the system's. */
export const unreachable = (host: string, error: unknown): Failure =>
  error instanceof DOMException && error.name === 'TimeoutError'
    ? new Failure(
        exitCodes.deploy,
        `${host} did not answer within ${timeoutMs / 1000} s. An action that takes long goes on: call it with --async.`,
      )
    : new Failure(
        exitCodes.deploy,
        `Cannot reach ${host} (${causeOf(error)}). Is the server running? Another address: --host or BOWLINE_HOST.`,
      );

const refused = ({ status, code, message }: ApiError, { host, keySource }: Target): Failure => {
  const words = /[.?!]$/.test(message) ? message : `${message}.`;
  if (status === 401)
    return new Failure(
      exitCodes.deploy,
      `${host} refused the API key from ${keySource} (401). Check that it belongs to this server and environment.`,
    );
  if (status === 403) return new Failure(exitCodes.deploy, `${host} does not allow this to the API key from ${keySource} (403): ${words}`);
  const advice = advices[code];
  return new Failure(exitCodes.deploy, `${words} (${code}, ${status})${advice ? ` ${advice}` : ''}`);
};

const listing = 'Those there are: `bowline connections`.';
const advices: Readonly<Record<string, string>> = { unknown_connection: listing, unknown_provider_config: listing };
