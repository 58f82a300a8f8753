/** What quirks share: parts of requests, ways to read answers, second tokens. Pure but for `secondToken`, which asks. */
import { basicHeader } from '../basic.ts';
import { dig, digText } from '../dig.ts';
import { CredentialsError } from '../failure.ts';
import type { Client } from '../grant.ts';
import { readBody, type TokenAnswer } from '../token.ts';
import { askToken, type TokenCall } from '../token-request.ts';
import type { About, Asking } from './quirk.ts';

type Params = Readonly<Record<string, string>>;

/** The call with other headers over its own. */
export const withHeaders = (call: TokenCall, headers: Params): TokenCall => ({ ...call, headers: { ...call.headers, ...headers } });

/** The client's id and secret as they are, not form-encoded first. */
export const rawBasic = ({ id, secret }: Client): Params => ({ authorization: basicHeader(id, secret) });

/** The named parameters, where there is a value. `{ app_id: 'client_id' }` sends the client id under another name. */
export function renamed(params: Params, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, source]) => (params[source] === undefined ? [] : [[name, params[source]]])),
  );
}

export function only(params: Params, names: readonly string[]): Record<string, string> {
  return renamed(params, Object.fromEntries(names.map((name) => [name, name])));
}

/** Reads an answer that is JSON but for its form. */
export const reading =
  (read: (answer: TokenAnswer, about: About) => TokenAnswer) =>
  (text: string, about: About): TokenAnswer | undefined => {
    const answer = readBody(text);
    return answer && read(answer, about);
  };

/** An answer whose object at `path` holds the token. */
export const unwrapped = (answer: TokenAnswer, path: string): TokenAnswer => ({ ...answer, ...Object(dig(answer, path)) });

/** A second token in its stored form: when it ends is known without knowing when it was asked for. */
export function withMoment(answer: TokenAnswer, now: Date): TokenAnswer {
  const seconds = Number(digText(answer, 'expires_in'));
  return seconds > 0 ? { ...answer, expires_at: new Date(now.getTime() + seconds * 1000).toISOString() } : answer;
}

/** The lifetime of an answer whose tokens must all be good: the shortest. */
export function shortest(answer: TokenAnswer, second: unknown): TokenAnswer {
  const lives = [answer, second].map((one) => Number(digText(one, 'expires_in'))).filter((seconds) => seconds > 0);
  return lives.length === 0 ? answer : { ...answer, expires_in: Math.min(...lives) };
}

/** A second token that the first can do without: undefined when the provider refuses it. */
export async function secondToken({ world, now }: Asking, call: TokenCall): Promise<TokenAnswer | undefined> {
  try {
    return withMoment(await askToken(world.outbound, call), now);
  } catch (error) {
    if (error instanceof CredentialsError) return undefined;
    throw error;
  }
}

export const formPost = (url: string, params: Params): TokenCall => ({
  method: 'POST',
  url,
  format: 'form',
  headers: { accept: 'application/json', 'user-agent': 'Bowline' },
  params,
});

export const queryGet = (url: string, params: Params): TokenCall => ({ ...formPost(url, params), method: 'GET', format: 'query' });
