/** Registers an OAuth client by itself (RFC 7591), so that nobody has to at the provider. */
import { dynamicClientRegistrationRequest, processDynamicClientRegistrationResponse } from 'oauth4webapi';
import type { AuthWorld, NewClient } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { refusal, through } from './oauth-fetch.ts';

export type ClientMetadata = {
  readonly redirect_uris: string[];
  readonly client_name: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly scope?: string;
  readonly grant_types: string[];
  readonly response_types: string[];
  /** What we ask for; the answer decides. */
  readonly token_endpoint_auth_method: string;
};
export type Registered = NewClient & { readonly method: string };

/** @throws CredentialsError `provider_config_err` saying what the server answered */
export async function registerClient(world: Pick<AuthWorld, 'outbound'>, endpoint: string, metadata: ClientMetadata): Promise<Registered> {
  try {
    const server = { issuer: new URL(endpoint).origin, registration_endpoint: endpoint };
    const response = await dynamicClientRegistrationRequest(server, { ...metadata }, through(world));
    // The standard says 201; many answer 200 with the same document.
    const created = response.status === 200 ? new Response(response.body, { status: 201, headers: response.headers }) : response;
    const client = await processDynamicClientRegistrationResponse(created);
    const secret = typeof client.client_secret === 'string' ? client.client_secret : '';
    const method =
      typeof client.token_endpoint_auth_method === 'string' ? client.token_endpoint_auth_method : metadata.token_endpoint_auth_method;
    return { id: client.client_id, secret, method };
  } catch (error) {
    throw refusal(error, `${new URL(endpoint).host} did not register a client for us`);
  }
}

/** What every client of ours asks for. */
export const clientMetadata = (redirectUri: string, clientName: string): ClientMetadata => ({
  redirect_uris: [redirectUri],
  client_name: clientName,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
});

/** @throws CredentialsError when it is none that we may ask: discovered addresses are as untrusted as typed ones */
export function checkEndpoint(text: string, what: string): string {
  const url = URL.parse(text);
  // A template in it would be filled with secrets; a bare IP address has no certificate worth trusting.
  const ok =
    url?.protocol === 'https:' &&
    !url.username &&
    !url.password &&
    !url.hash &&
    !text.includes('${') &&
    /[a-z]/i.test(url.hostname.split('.').at(-1) ?? '');
  if (ok && !url.hostname.startsWith('[')) return text;
  throw new CredentialsError('provider_config_err', `${what} must be an https address with a host name`);
}
