/** How the typed client of the contract reaches a server, and what its refusals mean for whoever typed the command. The key is in no message. */
import { ApiError, type ClientOptions } from '@bowline/api/client';
import { exitCodes, Failure } from '../failure.ts';
import { causeOf } from '../openapi/source.ts';
import { toolbox } from '../toolbox.ts';
import type { Target } from './target.ts';

export type TargetOptions = { readonly environment?: string; readonly host?: string; readonly secretKey?: string };

/** @throws from each call Failure when there is no answer */
export const connectTo = ({ host, secretKey }: Target, timeoutMs: number): ClientOptions => ({
  baseUrl: host,
  headers: () => ({ authorization: `Bearer ${secretKey}`, 'user-agent': `bowline-cli/${toolbox.version}` }),
  fetch: async (input, init) => {
    try {
      return await fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw noAnswer(host, timeoutMs, error);
    }
  },
});

const noAnswer = (host: string, timeoutMs: number, error: unknown): Failure =>
  error instanceof DOMException && error.name === 'TimeoutError'
    ? new Failure(
        exitCodes.deploy,
        `${host} did not answer within ${timeoutMs / 1000} s. An action that takes long goes on: call it with --async.`,
      )
    : new Failure(
        exitCodes.deploy,
        `Cannot reach ${host} (${causeOf(error)}). Is the server running? Another address: --host or BOWLINE_HOST.`,
      );

/** What is the same for every question. `undefined`: a problem of this one, which its asker explains. */
export const commonRefusal = (error: unknown, { host, keySource }: Target): Failure | undefined => {
  if (error instanceof Failure) return error;
  if (!(error instanceof ApiError))
    return new Failure(
      exitCodes.deploy,
      `${host} answered in a form this command does not know. Is it a Bowline server of the same version?`,
    );
  const { status } = error;
  if (status === 401)
    return new Failure(
      exitCodes.deploy,
      `${host} refused the API key from ${keySource} (401). Check that it belongs to this server and environment.`,
    );
  if (status === 403)
    return new Failure(exitCodes.deploy, `${host} does not allow this to the API key from ${keySource} (403): ${sentenceOf(error)}`);
  return undefined;
};

export const sentenceOf = ({ message }: ApiError): string => (/[.?!]$/.test(message) ? message : `${message}.`);
