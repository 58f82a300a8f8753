/** What the tests of refreshes share: a token endpoint whose answers they script, and short ways to look at what became of a connection. */
import { sql } from 'kysely';
import { many, one } from '../../src/base/database.ts';
import type { Answer, Platform } from '../platform.ts';
import { json, type Received, type Upstream } from '../upstream.ts';

type Reply = Parameters<Upstream['on']>[1];

/** The token requests from now on; answered by `reply`, by default with tokens numbered by request. */
export function scriptTokens(upstream: Upstream, reply: Reply = grant, path = '/token'): () => Received[] {
  const before = upstream.received(path).length;
  upstream.on(path, (request, response) => reply({ ...request, index: request.index - before }, response));
  return () => upstream.received(path).slice(before);
}

export const grant: Reply = ({ index }, response) =>
  json(response, { access_token: `access ${index}`, refresh_token: `rotated ${index}`, expires_in: 3600 });

export const refuse =
  (error: string, status = 400): Reply =>
  (_request, response) =>
    json(response, { error }, status);

export const hangUp: Reply = (_request, response) => response.destroy();

/** In turn; the last one goes on. */
export const inTurn =
  (...replies: Reply[]): Reply =>
  (request, response) =>
    (replies[request.index] ?? replies.at(-1))?.(request, response);

export const refreshTokenOf = (request: Received | undefined) => new URLSearchParams(request?.body.toString()).get('refresh_token');

export const readConnection = (platform: Platform, id: string, more = '', key = 'oauth') =>
  platform.call('GET', `/connections/${id}?provider_config_key=${key}${more}`);

export const tokenOf = (answer: Answer) => answer.body.credentials?.access_token;

/** The types of all that was told of a connection's refreshes. */
export async function told({ world }: Platform, id: string): Promise<string[]> {
  const rows = await many<{ type: string }>(
    world.db,
    sql`select type from events where type like 'connection.refresh%' and payload -> 'connection' ->> 'connectionId' = ${id} order by id`,
  );
  return rows.map(({ type }) => type.replace('connection.refresh_', ''));
}

export type State = {
  failure: string | null;
  failures: number;
  days: number;
  error: string | null;
  retryAt: Date | null;
  unansweredSince: Date | null;
  leasedUntil: Date | null;
};

export async function stateOf({ world }: Platform, id: string): Promise<State> {
  const state = await one<State>(
    world.db,
    sql`select refresh_failure as failure, refresh_failures as failures, refresh_failed_days as days, refresh_error as error,
               refresh_retry_at as retry_at, refresh_unanswered_since as unanswered_since, refresh_leased_until as leased_until
          from connections where connection_id = ${id} and deleted_at is null`,
  );
  if (!state) throw new Error(`there is no connection ${id}`);
  return state;
}
