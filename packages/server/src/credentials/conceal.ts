/** Takes the values of a connection's own secrets out of a request before it is logged. Pure. By value, because a provider may want them under any name. */
import type { Credentials } from './credentials.ts';

const REMOVED = '[removed]';
/** Shorter ones would blacken everyday words, and are no secrets worth the name. */
const SECRET_CHARS_MIN = 5;

type Logged = { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string | string[]>> };

/** A copy of the request in which none of the secrets stands, neither plain nor as it is written in a URL. */
export function conceal({ method, url, headers }: Logged, credentials: Credentials): Logged {
  const secrets = secretsOf(credentials)
    .filter((secret) => secret.length >= SECRET_CHARS_MIN)
    .flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, REMOVED), text);
  return {
    method,
    url: clean(url),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.map(clean) : clean(value)]),
    ),
  };
}

function secretsOf(credentials: Credentials): string[] {
  switch (credentials.type) {
    case 'OAUTH2':
      return [credentials.access_token, credentials.refresh_token ?? '', credentials.config_override?.client_secret ?? ''];
    case 'OAUTH2_CC':
      return [credentials.token, credentials.client_secret];
    case 'API_KEY':
      return [credentials.apiKey];
    case 'BASIC':
      return [credentials.password];
    case undefined:
      return [];
  }
}
