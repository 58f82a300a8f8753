/** A server as every command uses it, by the contract. What it refuses becomes a Failure that says what to do. The one way to it, with `reach.ts` beneath. */
import { actions } from '@bowline/api/actions';
import { captures } from '@bowline/api/captures';
import { ApiError, type Client, createClient } from '@bowline/api/client';
import { connections } from '@bowline/api/connections';
import { environment } from '@bowline/api/environment';
import { history } from '@bowline/api/history';
import { integrations } from '@bowline/api/integrations';
import { logs } from '@bowline/api/logs';
import { customProviders, providers } from '@bowline/api/providers';
import { records } from '@bowline/api/records';
import { syncs } from '@bowline/api/syncs';
import { findTarget, type Target, type TargetOptions } from '../deploy/target.ts';
import { type ExitCode, exitCodes, Failure } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { describeRefusal } from './advice.ts';
import { type Reach, reach, Unreached } from './reach.ts';
import { describeVersions } from './version.ts';

const routes = { connections, integrations, environment, history, records, syncs, actions, providers, customProviders, logs, captures };
export type Remote = { readonly target: Target; readonly api: Client<typeof routes> };

export const openRemote = (root: string, { environment: name = 'dev', host, secretKey }: TargetOptions, { io, note }: Terminal): Remote =>
  remoteOf(findTarget({ environment: name, host, secretKey, root, env: io.env, cwd: io.cwd }), { tell: note });

export const remoteOf = (target: Target, options: Reach = {}): Remote => ({ target, api: createClient(routes, reach(target, options)) });

/** @throws Failure for what the server refuses: what `onProblem` makes of the problem, else exit code 11 */
export const ask = async <T>(
  { target, api }: Remote,
  work: (api: Remote['api']) => Promise<T>,
  onProblem: (error: ApiError) => Failure | undefined = () => undefined,
): Promise<T> => {
  try {
    return await work(api);
  } catch (error) {
    throw (error instanceof ApiError && onProblem(error)) || (await explain(error, target));
  }
};

type Own = {
  /** What the command ends with; 11 where it is not said. */
  readonly exitCode?: ExitCode;
  /** What to do by the problem's code, where it is another than for most. */
  readonly advice?: Readonly<Record<string, string>>;
};

/** Anything that a question of a server can end with, for people. A Failure stays as it is. */
export const explain = async (error: unknown, target: Target, { exitCode = exitCodes.deploy, advice }: Own = {}): Promise<Failure> => {
  if (error instanceof Failure) return error;
  if (error instanceof Unreached) return new Failure(exitCode, error.message);
  if (error instanceof ApiError) {
    const doubtful = error.code === 'invalid_body' || (error.status === 404 && error.code === 'not_found');
    const versions = doubtful ? await describeVersions(target.host) : '';
    return new Failure(exitCode, [describeRefusal(error, target, advice), versions].filter(Boolean).join('\n'));
  }
  const versions = await describeVersions(target.host);
  return new Failure(exitCode, `${target.host} answered in a form this command does not know. ${versions}`.trim());
};
