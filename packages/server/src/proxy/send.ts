/**
 * Send a request through a connection: authenticated, retried when that helps, every attempt in the activity log.
 * The answer's body is a stream and must be read or destroyed by the caller.
 */
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { problem } from '@bowline/api/problem';
import type { OutboundHeaders, OutboundResponse } from '../base/outbound.ts';
import { OutboundError } from '../base/outbound-error.ts';
import { accessConnection, type FreshAccess } from '../connections/access.ts';
import { isPending } from '../connections/connection.ts';
import type { AccessWorld, Target } from '../connections/target.ts';
import type { Access } from '../credentials/access.ts';
import { signer, signsBody } from '../credentials/authorize.ts';
import { conceal } from '../credentials/conceal.ts';
import { isRenewable } from '../credentials/expiry.ts';
import { CredentialsError } from '../credentials/failure.ts';
import type { OperationHandle } from '../logs/operation.ts';
import { held, withAdditions } from './body.ts';
import { type Kind, pass, type Turn } from './budget.ts';
import { peekJson } from './peek.ts';
import { buildRequest, type ProxyCall, type ProxyRequest } from './request.ts';
import { type Decision, decideRetry, isLimited, toldWait } from './retry.ts';

export type Sending = {
  call: ProxyCall;
  /** On whose behalf: people come before syncs where a rate limit is near. */
  kind: Kind;
  /** A buffer can be sent again; a stream is sent once, so it is never retried. */
  body?: Buffer | Readable | undefined;
  /** The longest stream that is held when the signature of a request covers its body. */
  heldBytesMax?: number;
  retries: number;
  retryOn?: readonly number[] | undefined;
  /** Headers of the answer that tell when to try again, before those the provider names. */
  retryHeader?: { readonly at?: readonly string[]; readonly after?: readonly string[] } | undefined;
  /** The author of a function vouches that repeating does no harm. */
  repeatable?: boolean;
  keepHeadersOnRedirect?: boolean;
  signal?: AbortSignal;
  /** Of a connection that is not stored: used as it is, and never renewed. */
  access?: Access;
};
type InEnvironment = { readonly environment: { readonly id: number } };
type Log = Pick<OperationHandle, 'http' | 'log'>;
type Try = { response?: OutboundResponse; error?: OutboundError; decision: Decision };

/** @throws connection_pending, missing_api_url, invalid_credentials, base_url_override_not_allowed, upstream_unreachable, upstream_timeout, provider_rate_limited and those of accessConnection */
export async function sendThrough(
  world: AccessWorld,
  scope: InEnvironment,
  target: Target,
  sending: Sending,
  operation: Log,
): Promise<OutboundResponse> {
  if (isPending(target.connection)) throw problem('connection_pending');
  let refresh = false;
  let current = target;
  for (let attempt = 0; ; attempt++) {
    const turn = await pass(world, current, { ...sending, log: operation });
    try {
      const fresh = sending.access
        ? { ...current, access: sending.access }
        : await accessConnection(world, scope, current, { force: refresh });
      current = fresh; // else a further try would go out with the credentials from before the renewal
      const tried = await tryOnce(world, fresh, sending, { attempt, refreshed: refresh, operation, turn });
      if (!tried.decision.retry) {
        if (tried.response) return tried.response;
        throw unreachable(tried.error);
      }
      await tried.response?.body.resume();
      refresh = tried.decision.refresh;
      await sleep(tried.decision.waitMs, undefined, sending.signal ? { signal: sending.signal } : {});
    } finally {
      turn?.leave();
    }
  }
}

type Progress = { attempt: number; refreshed: boolean; operation: Log; turn: Turn | undefined };

async function tryOnce(world: AccessWorld, { access, connection }: FreshAccess, sending: Sending, progress: Progress): Promise<Try> {
  const built = buildRequest(sending.call, access);
  if (!built.ok) throw problem(built.code, { message: built.message });
  const { request } = built;
  const startedAt = world.clock.now().getTime();
  progress.turn?.sent();
  const { response: answered, error } = await ask(world, access, request, sending);
  const { response, json } = await peeked(answered, access, sending);
  const { provider } = access.integration;
  const { retryHeader } = sending;
  const about = { provider, now: world.clock.now(), json, ...(response ?? {}), ...(retryHeader ? { retryHeader } : {}) };
  const limited = isLimited(about);
  const told = limited ? toldWait(about, true) : undefined;
  progress.turn?.answered(response?.headers, limited ? { waitMs: told ?? null } : undefined);
  progress.operation.http({
    request: conceal(request, access),
    ...(response ? { response: { status: response.status, headers: response.headers } } : {}),
    ...(error ? { error: error.message } : {}),
    durationMs: world.clock.now().getTime() - startedAt,
    attempt: progress.attempt + 1,
  });
  const decision = decideRetry({
    ...about,
    attempt: progress.attempt,
    retries: sending.body && !Buffer.isBuffer(sending.body) ? 0 : sending.retries,
    method: request.method,
    ...(error ? { errorCode: error.reason ?? error.code } : {}),
    ...(sending.retryOn ? { retryOn: sending.retryOn } : {}),
    refreshable: isRefreshable(world, { access, connection }, sending),
    refreshed: progress.refreshed,
    repeatable: sending.repeatable ?? false,
    random: world.random.fraction(),
  });
  // The budget holds for as long as the provider said: who waits there keeps a place.
  const isHeld = decision.retry && told !== undefined && progress.turn !== undefined;
  return { decision: isHeld ? { ...decision, waitMs: 0 } : decision, ...(response ? { response } : {}), ...(error ? { error } : {}) };
}

/** Nothing is read that nobody asks for. */
async function peeked(response: OutboundResponse | undefined, { integration }: Access, { retries }: Sending) {
  const isRead = integration.provider.proxy?.retry?.in_body !== undefined && retries > 0;
  return response && isRead && response.status >= 400 ? peekJson(response) : { response, json: undefined };
}

/** A provider that answers 401 to fresh credentials would have us ask for new ones without end: one renewal a minute is enough. */
const RENEW_EVERY_MS = 60_000;

function isRefreshable(
  world: AccessWorld,
  { access, connection }: Pick<FreshAccess, 'access' | 'connection'>,
  { body, access: given }: Sending,
): boolean {
  const now = world.clock.now();
  const isReplayable = body === undefined || Buffer.isBuffer(body);
  const isRecent = connection.refreshedAt !== null && now.getTime() - connection.refreshedAt.getTime() < RENEW_EVERY_MS;
  return given === undefined && isReplayable && !isRecent && isRenewable(access.credentials, access.integration, { forced: true });
}

async function ask(
  world: AccessWorld,
  access: Access,
  request: ProxyRequest,
  sending: Sending,
): Promise<{ response?: OutboundResponse; error?: OutboundError }> {
  const { body: given, headers } = withAdditions(sending.body, request);
  const body = signsBody(access, headers) ? await held(given, sending.heldBytesMax ?? 0) : given;
  const announced = sending.call.headers['content-length'];
  // A stream of known length is sent as such: some servers (S3) refuse chunks.
  const length = body && !Buffer.isBuffer(body) && typeof announced === 'string' ? { 'content-length': announced } : {};
  const sign = signer(world, access);
  try {
    const response = await world.outbound.request(request.url, {
      method: request.method,
      headers: { ...headers, ...length } satisfies OutboundHeaders,
      body: body ?? null,
      keepHeadersOnRedirect: sending.keepHeadersOnRedirect ?? false,
      ...(request.certificate ? { certificate: request.certificate } : {}),
      ...(sign ? { sign } : {}),
      ...(sending.signal ? { signal: sending.signal } : {}),
    });
    return { response };
  } catch (error) {
    if (error instanceof CredentialsError) throw problem('invalid_credentials', { message: error.message }, { cause: error });
    if (!(error instanceof OutboundError)) throw error;
    return { error };
  }
}

function unreachable(error: OutboundError | undefined) {
  if (error?.code === 'blocked_host' || error?.code === 'invalid_url') {
    return problem('base_url_override_not_allowed', { message: `${error.message}. An operator can allow it with BOWLINE_OUTBOUND_ALLOW` });
  }
  const code = error?.code === 'timeout' ? 'upstream_timeout' : 'upstream_unreachable';
  return problem(code, { message: error?.message, payload: { code: error?.reason ?? error?.code } }, { cause: error });
}
