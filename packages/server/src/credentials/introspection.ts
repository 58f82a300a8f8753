/**
 * Token introspection (RFC 7662), for providers whose answers do not say how long a token lives: when it ends is asked of them, once for
 * each token and while. A provider that cannot be asked leaves the token as it is; a 401 from its API renews that.
 */
import { createHash } from 'node:crypto';
import { fillUrl } from '@bowline/providers/url-template';
import { LRUCache } from 'lru-cache';
import { bounded } from '../base/bounded.ts';
import { type Access, templateScope } from './access.ts';
import type { AuthWorld } from './auth-mode.ts';
import { overrideOf } from './code-grant.ts';
import type { Credentials } from './credentials.ts';
import { digText } from './dig.ts';
import { CredentialsError } from './failure.ts';
import type { Client } from './grant.ts';
import { clientOf } from './oauth2.ts';
import { askToken, type TokenCall } from './token-request.ts';

type Told = { readonly endsAt: string | undefined; readonly askAgainAt: number };

/** How long an answer counts: a token may be revoked, or its session prolonged by use. */
const COUNTS_MS = 5 * 60_000;
/** After no answer: it must not cost each call a request. */
const AGAIN_MS = 60_000;
const told = new LRUCache<string, Told>(bounded(20_000));

/** The credentials with their end, where only introspection tells it; ended ones end now. */
export async function withEnd(world: AuthWorld, access: Access): Promise<Credentials> {
  const { credentials, integration } = access;
  const { provider } = integration;
  const template = 'introspection_url' in provider ? provider.introspection_url : undefined;
  if (credentials.type !== 'OAUTH2' && credentials.type !== 'OAUTH2_CC' && credentials.type !== 'TWO_STEP') return credentials;
  const token = credentials.type === 'OAUTH2' ? credentials.access_token : credentials.token;
  if (template === undefined || typeof token !== 'string' || credentials.expires_at) return credentials;
  const key = createHash('sha256').update(token).digest('base64');
  const now = world.clock.now();
  const known = told.get(key);
  const { endsAt } = known && known.askAgainAt > now.getTime() ? known : remember(key, await ask(world, access, { template, token }), now);
  return endsAt === undefined ? credentials : { ...credentials, expires_at: endsAt };
}

function remember(key: string, endsAt: string | undefined, now: Date): Told {
  const answer = { endsAt, askAgainAt: now.getTime() + (endsAt === undefined ? AGAIN_MS : COUNTS_MS) };
  told.set(key, answer);
  return answer;
}

/** @returns undefined when the provider does not say */
async function ask(
  world: AuthWorld,
  access: Access,
  { template, token }: { template: string; token: string },
): Promise<string | undefined> {
  const filled = fillUrl(template, templateScope(access));
  const client = filled.ok ? clientOfConnection(access) : undefined;
  if (!filled.ok || !client) return undefined;
  const call: TokenCall = {
    method: 'POST',
    url: filled.url.href,
    format: 'form',
    headers: { accept: 'application/json', 'user-agent': 'Bowline' },
    params: { token, token_type_hint: 'access_token', client_id: client.id, client_secret: client.secret },
  };
  try {
    const answer = await askToken(world.outbound, call, { holds: (one) => typeof one.active === 'boolean' });
    const seconds = Number(digText(answer, 'exp'));
    if (answer.active !== true) return world.clock.now().toISOString();
    return seconds > 0 ? new Date(seconds * 1000).toISOString() : undefined;
  } catch (error) {
    if (error instanceof CredentialsError) return undefined;
    throw error;
  }
}

/** Who was given the token may ask about it. */
function clientOfConnection({ credentials, integration }: Access): Client | undefined {
  if (credentials.type === 'OAUTH2') return clientOf(integration, overrideOf(credentials));
  const own = (one: string, other: string) => digText(credentials, one) ?? digText(credentials, other);
  const id = own('client_id', 'clientId');
  const secret = own('client_secret', 'clientSecret');
  return id === undefined || secret === undefined ? undefined : { id, secret };
}
