/**
 * Asks the provider for new credentials. An answer that was lost on the way (connection closed, no answer in time) is asked for again at
 * once, with the same refresh token: providers that rotate it let the old one work for some seconds, for exactly this.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outbound, OutboundRequest, OutboundResponse } from '../base/outbound.ts';
import { OutboundError, type OutboundErrorCode } from '../base/outbound-error.ts';
import { retryAfterMs } from '../base/retry-after.ts';
import type { Access } from '../credentials/access.ts';
import type { Granted, Keep } from '../credentials/auth-mode.ts';
import { CredentialsError, type FailureKind } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import type { AccessWorld } from './target.ts';

export type Failed = {
  readonly kind: FailureKind;
  /** For people; holds no secrets. */
  readonly message: string;
  /** The provider's own code, such as `invalid_grant`, or ours. */
  readonly code: string | undefined;
  /** Nobody knows whether the provider has already replaced the refresh token. */
  readonly unanswered: boolean;
  /** It was too much, not wrong: of the client, not of the endpoint. */
  readonly limited: boolean;
  readonly retryAfterMs: number;
};
export type Asking = {
  readonly access: Access;
  /** What the log says of it. */
  readonly about: object;
  readonly keep: Keep;
};
export type Asked = { readonly granted: Granted } | { readonly failed: Failed };

/** All tries together; a lease is longer (refresh-lease.ts). */
const TOTAL_MS = 75_000;
/** Before the second try, the third. */
const AGAIN_AFTER_MS: readonly number[] = [100, 1_500];
/** The request may have arrived, and its answer did not. */
const LOST: ReadonlySet<OutboundErrorCode> = new Set(['timeout', 'reset', 'aborted', 'protocol', 'too_large']);
/** What stands before a provider says so when the provider itself may have done its work. */
const GATEWAYS = new Set([502, 503, 504]);

export async function askForRenewal(world: AccessWorld, asked: Asking): Promise<Asked> {
  const { about } = asked;
  let { access } = asked;
  const keep: Keep = async (interim) => {
    await asked.keep(interim);
    access = { ...access, credentials: interim }; // a further try must not send the token that was replaced
  };
  const deadline = AbortSignal.timeout(TOTAL_MS);
  let unanswered = false;
  for (let attempt = 0; ; attempt++) {
    const seen: Seen = { lost: false };
    try {
      const outbound = watched(world.outbound, seen, deadline);
      const { clock, random } = world;
      return { granted: await modes[access.integration.provider.auth_mode].refresh({ outbound, clock, random }, access, keep) };
    } catch (error) {
      unanswered ||= seen.lost || (seen.status !== undefined && GATEWAYS.has(seen.status));
      const againMs = AGAIN_AFTER_MS[attempt];
      if (seen.lost && againMs !== undefined && !deadline.aborted) {
        world.log.warn({ ...about, err: error, attempt: attempt + 1 }, 'the answer to a refresh was lost; asking again');
        await sleep(againMs);
        continue;
      }
      return { failed: failedOf(world, error, { seen, unanswered, about }) };
    }
  }
}

type Seen = { lost: boolean; status?: number; retryAfter?: string | string[] | undefined };

/** Whatever auth mode asks in whatever way: what became of its requests is seen here. */
function watched(outbound: Outbound, seen: Seen, deadline: AbortSignal): Outbound {
  const request = async (url: string | URL, options: OutboundRequest = {}): Promise<OutboundResponse> => {
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    try {
      const response = await outbound.request(url, { ...options, signal });
      seen.status = response.status;
      seen.retryAfter = response.headers['retry-after'];
      response.body.once('error', () => {
        seen.lost = true;
      });
      return response;
    } catch (error) {
      if (error instanceof OutboundError && LOST.has(error.code)) seen.lost = true;
      throw error;
    }
  };
  return { ...outbound, request };
}

type Circumstances = { seen: Seen; unanswered: boolean; about: object };

function failedOf(world: AccessWorld, error: unknown, { seen, unanswered, about }: Circumstances): Failed {
  const waitMs = retryAfterMs(seen.retryAfter, world.clock.now());
  const rest = { unanswered, limited: seen.status === 429, retryAfterMs: waitMs };
  if (error instanceof CredentialsError)
    return { ...rest, kind: error.kind, message: error.message, code: error.providerError ?? error.code };
  // Ours, not the provider's: nothing of it is for people, and nothing is known against the credentials.
  world.log.error({ ...about, err: error }, 'a refresh failed in a way nobody foresaw');
  return { ...rest, kind: 'transient', message: 'something went wrong on our side; it is in the log of the server', code: undefined };
}
