/**
 * Auth mode OAUTH1 (RFC 5849): a temporary token, the person's consent, a token that lasts. Every request is signed with the
 * integration's consumer pair and the connection's token. Only the revision with a verifier (1.0a): without it anybody could finish a sign-in.
 */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import type { TemplateScope } from '@bowline/providers/template';
import { fillUrl } from '@bowline/providers/url-template';
import { type IntegrationAccess, templateScope } from './access.ts';
import { type AuthMode, declaredFields, never, type Start, staysAsIs } from './auth-mode.ts';
import { withCallerParams } from './authorization-url.ts';
import { CredentialsError } from './failure.ts';
import { isForm, oauthHeader, type Signer } from './oauth1-signature.ts';
import { askForToken, type Oauth1Token, once } from './oauth1-token.ts';
import { fillParams } from './params.ts';
import { pick } from './token.ts';

type Oauth1Provider = ProviderOf<'OAUTH1'>;

export const oauth1: AuthMode = {
  fields: declaredFields,

  start: async (world, input) => {
    const provider = narrow(input.integration.provider);
    const scope = templateScope({ integration: input.integration, connectionConfig: input.connectionConfig });
    const callback = new URL(input.redirectUri);
    callback.searchParams.set('state', input.state);
    const temporary = await askForToken(world, {
      url: filled(provider.request_url, scope, 'request token'),
      method: provider.request_http_method ?? 'POST',
      signer: consumer(input.integration, provider),
      oauth: { oauth_callback: callback.href },
      params: fillParams(provider.request_params, provider, scope),
      refused: 'misconfigured',
    });
    return {
      kind: 'redirect',
      url: consentUrl(provider, input, scope, { temporary, callback: callback.href }),
      kept: { oauthToken: temporary.token, oauthTokenSecret: temporary.secret },
    };
  },

  finish: async (world, { integration, connectionConfig, answer }) => {
    if (answer.kind !== 'callback') throw new CredentialsError('callback_err', 'this provider sends people back; a form cannot replace it');
    const provider = narrow(integration.provider);
    const { query, kept } = answer;
    const verifier = verifierIn(query, kept.oauthToken);
    const scope = templateScope({ integration, connectionConfig });
    const granted = await askForToken(world, {
      url: filled(provider.token_url, scope, 'access token'),
      method: provider.token_http_method ?? 'POST',
      signer: {
        ...consumer(integration, provider),
        ...(kept.oauthToken === undefined ? {} : { token: kept.oauthToken }),
        ...(kept.oauthTokenSecret === undefined ? {} : { tokenSecret: kept.oauthTokenSecret }),
      },
      oauth: { oauth_verifier: verifier },
      params: fillParams(provider.token_params, provider, scope),
      refused: 'revoked',
    });
    const { user_id: account } = granted.answer;
    return {
      credentials: { type: 'OAUTH1', oauth_token: granted.token, oauth_token_secret: granted.secret, raw: { ...granted.answer } },
      connectionConfig: { ...pick(query, provider.redirect_uri_metadata), ...connectionConfig },
      ...(typeof account === 'string' && account !== '' ? { account } : {}),
    };
  },

  refresh: staysAsIs,
  renews: never,
  apply: () => ({ headers: {}, query: {} }),

  sign: (world, { integration, credentials }, request) => {
    if (credentials.type !== 'OAUTH1') return {};
    const signer: Signer = {
      ...consumer(integration, narrow(integration.provider)),
      token: credentials.oauth_token,
      tokenSecret: credentials.oauth_token_secret,
    };
    return { authorization: oauthHeader(signer, request, once(world)) };
  },
  signsBody: (_access, { headers }) => isForm(headers),
};

function consumer({ clientId, clientSecret }: IntegrationAccess, provider: Oauth1Provider): Signer {
  if (clientId && clientSecret) return { method: provider.signature_method, consumerKey: clientId, consumerSecret: clientSecret };
  throw new CredentialsError('provider_config_err', 'the integration has no consumer key or consumer secret; set both in its settings');
}

/** The person may have refused, or come back with the answer to another sign-in. */
function verifierIn(query: Readonly<Record<string, string>>, expected: string | undefined): string {
  const refusal = query.oauth_problem ?? (query.denied === undefined ? undefined : 'denied');
  if (refusal !== undefined) {
    throw new CredentialsError('callback_err', `access was not granted at the provider (${refusal.slice(0, 100)})`, {
      kind: 'revoked',
      providerError: refusal,
    });
  }
  if (!query.oauth_verifier || !query.oauth_token) {
    throw new CredentialsError('callback_err', 'the provider sent the person back without oauth_token and oauth_verifier');
  }
  if (query.oauth_token !== expected) {
    throw new CredentialsError('callback_err', 'the provider answered another sign-in than this one; connect again');
  }
  return query.oauth_verifier;
}

/** A server that does not confirm the callback is one from before 1.0a, which reads it here. */
function consentUrl(
  provider: Oauth1Provider,
  input: Start,
  scope: TemplateScope,
  { temporary, callback }: { readonly temporary: Oauth1Token; readonly callback: string },
): string {
  const url = filled(provider.authorization_url, scope, 'authorization');
  const scopes = (input.scopes ?? input.integration.scopes).join(provider.scope_separator ?? ' ');
  const params = withCallerParams(
    {
      oauth_token: temporary.token,
      ...(scopes === '' ? {} : { scope: scopes }),
      ...fillParams(provider.authorization_params, provider, scope),
      ...(temporary.answer.oauth_callback_confirmed === 'true' ? {} : { oauth_callback: callback }),
    },
    input.authorizationParams,
  );
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
}

function filled(template: string, scope: TemplateScope, what: string): URL {
  const url = fillUrl(template, scope);
  if (url.ok) return url.url;
  throw new CredentialsError('url_param_err', `the ${what} URL cannot be built: ${url.message}`);
}

function narrow(provider: Provider): Oauth1Provider {
  if (provider.auth_mode === 'OAUTH1') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not OAUTH1`);
}
