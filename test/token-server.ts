/**
 * A strict token endpoint (RFC 6749, RFC 9700 §4.14): every refresh token is used once, and one that is used again ends all of its family.
 * Within `graceMs` the last one may be sent again and brings the same successor, as providers do for answers that got lost. With an API that
 * takes only what it issued.
 */
import type { ServerResponse } from 'node:http';
import { closeAfterwards, json, type Seen, startUpstream } from './upstream.ts';

type Tokens = { access_token: string; refresh_token: string; expires_in: number };
type Family = { name: string; current: Tokens; previous?: { refreshToken: string; at: number }; alive: boolean; count: number };
/** After the tokens were rotated: send them, or let them get lost. */
type Answering = (send: () => void, response: ServerResponse) => unknown;

const CLIENT = `Basic ${Buffer.from('client-1:s3cret').toString('base64')}`;

export async function startTokenServer({ graceMs, answering = (send) => send() }: { graceMs: number; answering?: Answering }) {
  const families = new Map<string, Family>();
  const counts = { requests: 0, rotated: 0, replayed: 0, reused: 0, calls: 0 };
  const script = { answering };

  function issue(family: Family): Tokens {
    family.count += 1;
    family.current = {
      access_token: `access-${family.name}-${family.count}`,
      refresh_token: `refresh-${family.name}-${family.count}`,
      expires_in: 3600,
    };
    return family.current;
  }

  function token({ body, headers }: Seen, response: ServerResponse): unknown {
    counts.requests += 1;
    const params = new URLSearchParams(body);
    const isClient =
      headers.authorization === CLIENT || (params.get('client_id') === 'client-1' && params.get('client_secret') === 's3cret');
    if (!isClient) return json(response, 401, { error: 'invalid_client' });
    if (params.get('grant_type') !== 'refresh_token') return json(response, 400, { error: 'unsupported_grant_type' });
    const given = params.get('refresh_token') ?? '';
    const family = families.get(given.split('-')[1] ?? '');
    if (!family?.alive) return json(response, 400, { error: 'invalid_grant' });
    if (given === family.current.refresh_token) {
      counts.rotated += 1;
      family.previous = { refreshToken: given, at: Date.now() };
      const tokens = issue(family);
      return script.answering(() => json(response, 200, tokens), response);
    } else if (given === family.previous?.refreshToken && Date.now() - family.previous.at <= graceMs) {
      counts.replayed += 1;
      return json(response, 200, family.current);
    } else {
      counts.reused += 1;
      family.alive = false;
      return json(response, 400, { error: 'invalid_grant', error_description: 'the refresh token was used before' });
    }
  }

  function api({ headers }: Seen, response: ServerResponse): void {
    counts.calls += 1;
    const given = headers.authorization ?? '';
    const family = families.get(given.split('-')[1] ?? '');
    const isGood = family?.alive && given === `Bearer ${family.current.access_token}`;
    json(response, isGood ? 200 : 401, isGood ? { ok: true } : { error: 'invalid_token' });
  }

  const server = closeAfterwards(
    await startUpstream((seen, response) => (seen.path === '/token' ? token(seen, response) : api(seen, response))),
  );
  return {
    url: server.url,
    host: server.host,
    counts,
    script,
    /** A first pair of tokens. */
    grant(name: string): Tokens {
      const family: Family = { name, current: { access_token: '', refresh_token: '', expires_in: 0 }, alive: true, count: 0 };
      families.set(name, family);
      return issue(family);
    },
    isAlive: (name: string) => families.get(name)?.alive === true,
    current: (name: string) => families.get(name)?.current,
  };
}
