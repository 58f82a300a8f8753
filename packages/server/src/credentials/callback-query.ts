/**
 * Reads what a provider sends along with the person. It passes through the browser, so whoever connects can write anything there:
 * a value that the catalogue declares must fit its declaration, for some become part of the address our client's secret is sent to. Pure.
 */
import { refuseValue } from '@bowline/providers/field';
import { CredentialsError } from './failure.ts';
import type { CodeGrantProvider } from './grant.ts';
import { pick } from './token.ts';

type Query = Readonly<Record<string, string>>;

/** The authorization code. @throws CredentialsError `callback_err` with what the provider says instead */
export function codeIn(query: Query, provider: CodeGrantProvider): string {
  const code = query[provider.authorization_code_param_in_callback ?? 'code'];
  if (code) return code;
  const said = ['error', 'error_description', 'error_reason', 'error_message', 'error_uri', 'status_code'].flatMap((name) =>
    query[name] ? [`${name}: ${query[name]}`] : [],
  );
  throw new CredentialsError(
    'callback_err',
    said.length > 0 ? `the provider answered with ${said.join(', ')}`.slice(0, 1000) : 'the provider sent no authorization code',
    {
      kind: query.error === 'access_denied' ? 'revoked' : 'misconfigured',
      providerError: query.error,
    },
  );
}

/** @throws CredentialsError `callback_err` naming the parameter that cannot be the provider's */
export function toldByCallback(provider: CodeGrantProvider, query: Query): Record<string, string | boolean> {
  const told = pick(query, provider.redirect_uri_metadata);
  for (const [name, value] of Object.entries(told)) {
    const field = provider.connection_config?.[name];
    if (field && refuseValue(field, String(value)) !== undefined)
      throw new CredentialsError('callback_err', `the provider sent a ${name} that it cannot have; connect again`);
  }
  return told;
}
