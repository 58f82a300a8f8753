/**
 * Auth mode TBA: OAuth 1 with a token that a person made by hand (NetSuite's token-based authentication). Requests are signed with
 * HMAC-SHA256 and carry the account as their realm. A connection may bring its own consumer pair; it stays among its credentials.
 */
import type { Field } from '@bowline/providers/field';
import { z } from 'zod';
import type { Access } from './access.ts';
import { type AuthMode, asksWithForm, declaredFields, never, staysAsIs } from './auth-mode.ts';
import type { CredentialsOf } from './credentials.ts';
import { CredentialsError } from './failure.ts';
import { readForm } from './form.ts';
import { isForm, oauthHeader, type Signer } from './oauth1-signature.ts';
import { once } from './oauth1-token.ts';

const form = z
  .strictObject({
    token_id: z.string().min(1).max(2048),
    token_secret: z.string().min(1).max(2048),
    oauth_client_id_override: z.string().max(255).optional(),
    oauth_client_secret_override: z.string().max(2048).optional(),
  })
  .refine((given) => Boolean(given.oauth_client_id_override) === Boolean(given.oauth_client_secret_override), {
    path: ['oauth_client_secret_override'],
    message: 'a consumer key and its secret come together',
  });

const field = (title: string, description: string, secret: boolean, optional = false): Field => ({
  type: 'string',
  title,
  description,
  automated: false,
  secret,
  optional,
});
const base: Record<string, Field> = {
  token_id: field('Token ID', 'Shown once when the access token is made.', false),
  token_secret: field('Token secret', 'Shown once, next to the token ID.', true),
  oauth_client_id_override: field('Consumer key', 'Of your own integration record, when the token belongs to one.', false, true),
  oauth_client_secret_override: field('Consumer secret', 'The secret of that integration record.', true, true),
};

export const tba: AuthMode = {
  fields: (provider) => {
    const declared = declaredFields(provider);
    return { ...declared, credentials: { ...base, ...declared.credentials } };
  },
  start: asksWithForm,

  finish: async (_world, { integration, connectionConfig, answer }) => {
    const given = readForm(form, answer);
    const { oauth_client_id_override: id, oauth_client_secret_override: secret } = given;
    const credentials: CredentialsOf<'TBA'> = {
      type: 'TBA',
      token_id: given.token_id,
      token_secret: given.token_secret,
      ...(id && secret ? { config_override: { client_id: id, client_secret: secret } } : {}),
    };
    signerOf({ integration, connectionConfig }, credentials);
    return { credentials, connectionConfig };
  },

  refresh: staysAsIs,
  renews: never,
  apply: () => ({ headers: {}, query: {} }),

  sign: (world, access, request) => {
    const { credentials } = access;
    return credentials.type === 'TBA' ? { authorization: oauthHeader(signerOf(access, credentials), request, once(world)) } : {};
  },
  signsBody: (_access, { headers }) => isForm(headers),
};

/** @throws CredentialsError when there is no consumer pair or no account to sign for */
function signerOf({ integration, connectionConfig }: Omit<Access, 'credentials'>, credentials: CredentialsOf<'TBA'>): Signer {
  const own = credentials.config_override;
  const [consumerKey, consumerSecret] =
    own?.client_id && own.client_secret ? [own.client_id, own.client_secret] : [integration.clientId, integration.clientSecret];
  if (!consumerKey || !consumerSecret) {
    const message =
      'neither the integration nor this connection has a consumer key and secret; set both in the settings of the integration';
    throw new CredentialsError('provider_config_err', message);
  }
  const { accountId } = connectionConfig;
  if (typeof accountId !== 'string' || accountId === '') {
    throw new CredentialsError('invalid_body', 'the connection needs an accountId', { path: ['params', 'accountId'] });
  }
  return {
    method: 'HMAC-SHA256',
    consumerKey,
    consumerSecret,
    token: credentials.token_id,
    tokenSecret: credentials.token_secret,
    realm: accountId.replaceAll('-', '_').toUpperCase(),
  };
}
