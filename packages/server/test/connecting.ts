/** Connects and renews with the catalogue's own entries, at vendors that answer as a test says. */
import type { Granted } from '../src/credentials/auth-mode.ts';
import type { Credentials, Oauth2Credentials } from '../src/credentials/credentials.ts';
import { CredentialsError } from '../src/credentials/failure.ts';
import { modes } from '../src/credentials/modes.ts';
import { catalogue, integrationOf, testWorld } from './credentials-world.ts';
import { type Asked, startVendor, type VendorAnswer } from './vendor.ts';

export const redirectUri = 'https://connect.example.test/oauth/callback';
export const vendor = await startVendor();
export const world = { ...testWorld([]), outbound: vendor.outbound };
export const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
export const verifier = 'v'.repeat(43);

export type Setup = {
  config?: object;
  query?: Record<string, string>;
  secret?: string;
  scopes?: string[];
  custom?: Record<string, string>;
};

export function integration(name: string, { secret = 's3cret', scopes = [], custom = {} }: Setup = {}) {
  const provider = catalogue.get(name);
  if (!provider) throw new Error(`the catalogue has no ${name}`);
  return integrationOf(provider, { clientSecret: secret, scopes, custom });
}

export function connect(name: string, setup: Setup = {}): Promise<Granted> {
  vendor.asked.length = 0;
  const query = { code: 'c-1', state: 'st-1', ...setup.query };
  const disabled = Object(catalogue.get(name)).disable_pkce === true;
  const kept: Record<string, string> = disabled ? {} : { codeVerifier: verifier };
  return modes.OAUTH2.finish(world, {
    integration: integration(name, setup),
    connectionConfig: { ...setup.config },
    answer: { kind: 'callback', query, redirectUri, kept },
  });
}

export function renew(name: string, granted: Pick<Granted, 'credentials' | 'connectionConfig'>, setup: Setup = {}): Promise<Granted> {
  vendor.asked.length = 0;
  return modes.OAUTH2.refresh(world, { integration: integration(name, setup), ...granted });
}

export const tokens = ({ credentials }: { credentials: Credentials }): Oauth2Credentials => {
  if (credentials.type !== 'OAUTH2') throw new Error('not OAuth 2');
  return credentials;
};
export const livesSeconds = (granted: { credentials: Credentials }) => {
  const { expires_at } = tokens(granted);
  return expires_at === undefined ? undefined : Math.round((Date.parse(expires_at) - world.time.now.getTime()) / 1000);
};
export const failure = async (promise: Promise<unknown>): Promise<CredentialsError> => {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof CredentialsError) return error;
  throw error;
};
export const answer = (at: string, with_: VendorAnswer | ((asked: Asked) => VendorAnswer)) =>
  vendor.answers.set(at, typeof with_ === 'function' ? (asked) => (with_ as (asked: Asked) => VendorAnswer)(asked) : () => with_);
export const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
export const client = { client_id: 'client-1', client_secret: 's3cret' };
export const code = { grant_type: 'authorization_code', code: 'c-1', redirect_uri: redirectUri };
export const pkce = { code_verifier: verifier };
