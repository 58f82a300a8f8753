/** Takes the values of a connection's secrets, and of its integration's, out of a request before it is logged. Pure. By value, because a provider may want them under any name. */
import type { Access, IntegrationAccess } from './access.ts';
import type { Credentials } from './credentials.ts';

const REMOVED = '[removed]';
/** Shorter ones would blacken everyday words, and are no secrets worth the name. */
const SECRET_CHARS_MIN = 5;

type Logged = { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string | string[]>> };

/** A copy of the request in which none of the secrets stands, neither plain nor as it is written in a URL. */
export function conceal(
  { method, url, headers }: Logged,
  { credentials, integration }: Pick<Access, 'credentials' | 'integration'>,
  further: readonly string[] = [],
): Logged {
  const secrets = [...secretsOf(credentials), ...secretsOfIntegration(integration), ...further].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
  ]);
  const clean = (text: string) => concealText(text, secrets);
  return {
    method,
    url: clean(url),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.map(clean) : clean(value)]),
    ),
  };
}

/** A copy of a text in which none of the secrets stands. */
export function concealText(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= SECRET_CHARS_MIN).reduce((rest, secret) => rest.replaceAll(secret, REMOVED), text);
}

/** Fields that say what credentials are, or for whom, and are of no use alone. */
const harmless = new Set([
  'type',
  'expires_at',
  'username',
  'client_id',
  'role_arn',
  'region',
  'service',
  'external_id',
  'organization_id',
  'user_id',
]);
const secretName = /token(?!_type)|secret|password|key|cookie|session|assertion/i;

/** A field of the credentials is a secret unless it is known as harmless; deeper, where a provider's answer is kept, its name decides. */
function secretsOf(credentials: Credentials): string[] {
  return Object.entries(credentials).flatMap(([name, value]) =>
    typeof value === 'string' ? (harmless.has(name) ? [] : [value]) : secretsBelow(value),
  );
}

/** Headers of a provider may carry what the developer set for all connections. */
function secretsOfIntegration({ provider, clientSecret, custom }: IntegrationAccess): string[] {
  const set = Object.entries(custom).filter(([name]) => provider.integration_config?.[name]?.secret);
  return [...(clientSecret ? [clientSecret] : []), ...set.map(([, value]) => value)];
}

function secretsBelow(value: unknown): string[] {
  return Object.entries(Object(value)).flatMap(([name, inner]) =>
    typeof inner === 'string' ? (secretName.test(name) ? [inner] : []) : secretsBelow(inner),
  );
}
