/**
 * Mix-up defence (RFC 9207): a provider that names itself at the callback must be the one the person was sent to. Otherwise a provider
 * that an attacker set up has got a code of another one, and would be sent it, with the verifier, at its own token endpoint. Pure.
 */
import { fillUrl } from '@bowline/providers/url-template';
import { type Access, templateScope } from './access.ts';
import { CredentialsError } from './failure.ts';
import type { CodeGrantProvider } from './grant.ts';

type Given = Omit<Access, 'credentials' | 'metadata'> & { readonly metadata?: Access['metadata'] };

/**
 * A declared `issuer` must be met exactly. Without one, and few providers document theirs, the name must lie on the site that the person
 * was sent to, or where the token is: `login.example.com` for `auth.example.com`.
 * @throws CredentialsError `callback_err`, before the code is sent anywhere
 */
export function checkIssuer(provider: CodeGrantProvider, { iss }: Readonly<Record<string, string>>, given: Given): void {
  if (iss === undefined) return;
  const scope = templateScope({ ...given, metadata: given.metadata ?? null });
  const fill = (template: string) => {
    const filled = fillUrl(template, scope);
    return filled.ok ? filled.url : undefined;
  };
  const fits = provider.issuer
    ? fill(provider.issuer)?.href.replace(/\/$/, '') === URL.parse(iss)?.href.replace(/\/$/, '')
    : [provider.authorization_url, provider.token_url].some((template) => sameSite(fill(template), URL.parse(iss)));
  if (!fits) {
    throw new CredentialsError(
      'callback_err',
      'the answer is of another provider than the one this sign-in was begun with; connect again',
      {
        kind: 'misconfigured',
      },
    );
  }
}

/** The same host, or two of one domain. Suffixes such as `co.uk` are taken for a domain, which lets pass more and never less. */
function sameSite(one: URL | undefined, other: URL | null): boolean {
  if (!one || !other || one.protocol !== other.protocol) return false;
  if (one.host === other.host) return true;
  const domain = ({ hostname }: URL) => (/^[\d.]+$|^\[/.test(hostname) ? hostname : hostname.split('.').slice(-2).join('.'));
  return domain(one).includes('.') && domain(one) === domain(other) && one.port === other.port;
}
