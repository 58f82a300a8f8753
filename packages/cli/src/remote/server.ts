/** A server as the commands that look and act on it use it, by the contract. What it refuses becomes a Failure that says what to do. */
import { actions } from '@bowline/api/actions';
import { ApiError, type Client, createClient } from '@bowline/api/client';
import { connections } from '@bowline/api/connections';
import { integrations } from '@bowline/api/integrations';
import { records } from '@bowline/api/records';
import { syncs } from '@bowline/api/syncs';
import { commonRefusal, connectTo, sentenceOf, type TargetOptions } from '../deploy/connect.ts';
import { findTarget, type Target } from '../deploy/target.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';

const routes = { connections, integrations, records, syncs, actions };
export type Remote = { readonly target: Target; readonly api: Client<typeof routes> };

/** Node's own fetch waits five minutes for an answer to begin; ours says what to do a little before. */
const timeoutMs = 290_000;

export const openRemote = (root: string, { environment = 'dev', host, secretKey }: TargetOptions, { io }: Terminal): Remote =>
  remoteOf(findTarget({ environment, host, secretKey, root, env: io.env }));

export const remoteOf = (target: Target): Remote => ({ target, api: createClient(routes, connectTo(target, timeoutMs)) });

/** @throws Failure for what the server refuses: what `onProblem` makes of the problem, else exit code 11 */
export const ask = async <T>(
  { target, api }: Remote,
  work: (api: Remote['api']) => Promise<T>,
  onProblem: (error: ApiError) => Failure | undefined = () => undefined,
): Promise<T> => {
  try {
    return await work(api);
  } catch (error) {
    const own = error instanceof ApiError ? (onProblem(error) ?? commonRefusal(error, target) ?? explain(error)) : undefined;
    throw own ?? commonRefusal(error, target);
  }
};

const explain = (error: ApiError): Failure => {
  const { status, code } = error;
  const advice = advices[code];
  return new Failure(exitCodes.deploy, `${sentenceOf(error)} (${code}, ${status})${advice ? ` ${advice}` : ''}`);
};

const listing = 'Those there are: `bowline connections`.';
const advices: Readonly<Record<string, string>> = { unknown_connection: listing, unknown_provider_config: listing };
