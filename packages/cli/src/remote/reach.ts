/**
 * How the command asks a server, whichever command it is: with a limit of time, its own name, certificates checked, redirects refused (the key would
 * go along), waiting when there were too many requests. What is no answer of a Bowline server is thrown as `Unreached`, in words for people.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions } from '@bowline/api/client';
import type { Target } from '../deploy/target.ts';
import { toolbox } from '../toolbox.ts';
import { describeStranger, describeUnreached } from './advice.ts';

/** There is no answer that could be read; the message says what to do. */
export class Unreached extends Error {}

/** As long as waiting is better than failing. */
const waitMaxSeconds = 60;
const waitsMax = 5;

export type Reach = {
  /** Node's own fetch waits five minutes for an answer to begin; ours says what to do a little before. */
  readonly timeoutMs?: number;
  /** Told before a wait that somebody would wonder about. */
  readonly tell?: ((message: string) => void) | undefined;
};

export const reach = ({ host, secretKey }: Pick<Target, 'host' | 'secretKey'>, { timeoutMs = 290_000, tell }: Reach = {}) =>
  ({
    baseUrl: host,
    headers: () => ({ ...userAgent, authorization: `Bearer ${secretKey}` }),
    fetch: async (input, init) => {
      for (let waited = 0; ; waited += 1) {
        const response = await send(host, input, init, timeoutMs);
        const seconds = waited < waitsMax ? await secondsToWait(response) : undefined;
        if (seconds === undefined) return known(host, response);
        tell?.(`${host} takes no more requests just now; trying again in ${seconds} s.`);
        await sleep(seconds * 1000);
      }
    },
  }) satisfies ClientOptions;

export const userAgent = { 'user-agent': `bowline-cli/${toolbox.version}` };

/** For addresses that need no key. @throws Unreached */
export const send = async (
  host: string,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  timeoutMs: number,
): Promise<Response> => {
  try {
    return await fetch(input, { redirect: 'manual', ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new Unreached(describeUnreached(host, error, timeoutMs));
  }
};

/** Only for the server's own limit: a provider's 429 that an action ended with is the function's. */
const secondsToWait = async (response: Response): Promise<number | undefined> => {
  const seconds = Number(response.headers.get('retry-after'));
  if (response.status !== 429 || !(seconds > 0 && seconds <= waitMaxSeconds)) return undefined;
  return (await response.clone().text()).includes('"too_many_request"') ? Math.ceil(seconds) : undefined;
};

const known = (host: string, response: Response): Response => {
  const { status, headers } = response;
  const stranger = describeStranger(host, { status, type: headers.get('content-type') ?? '', location: headers.get('location') });
  if (stranger !== undefined) throw new Unreached(stranger);
  return response;
};
