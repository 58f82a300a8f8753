/**
 * Auth mode SIGNATURE: the WSSE header of a UsernameToken (OASIS Web Services Security). Its digest is of the nonce, the moment and
 * the password, so each is good once; providers take one for some minutes. They hash to hexadecimal before base64, unlike OASIS.
 */
import { createHash } from 'node:crypto';
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { z } from 'zod';
import { type AuthMode, type AuthWorld, always, asksWithForm, type ConnectionConfig, declaredFields, type Granted } from './auth-mode.ts';
import { bearer } from './bearer.ts';
import { readForm } from './form.ts';

// The name stands between quotes in a header.
const plain = z.string().min(1).max(1024);
const form = z.object({ username: plain.regex(/^[^"\\\p{Cc}]*$/u, 'may not hold quotes or line breaks'), password: plain });
type Login = z.infer<typeof form>;

export const wsse: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,
  finish: async (world, { integration, connectionConfig, answer }) =>
    grant(world, narrow(integration.provider), { login: readForm(form, answer), connectionConfig }),
  refresh: async (world, { integration, connectionConfig, credentials }) => {
    if (credentials.type !== 'SIGNATURE') throw new TypeError(`cannot sign with ${credentials.type ?? 'no'} credentials`);
    return grant(world, narrow(integration.provider), { login: credentials, connectionConfig });
  },
  renews: always,
  apply: bearer,
};

type Granting = { readonly login: Login; readonly connectionConfig: ConnectionConfig };

function grant(world: AuthWorld, provider: ProviderOf<'SIGNATURE'>, { login, connectionConfig }: Granting): Granted {
  const now = world.clock.now();
  const { username, password } = login;
  return {
    credentials: {
      type: 'SIGNATURE',
      username,
      password,
      token: usernameToken(login, world.random.bytes(16).toString('hex'), now),
      expires_at: new Date(now.getTime() + provider.token.expires_in_ms).toISOString(),
    },
    connectionConfig,
  };
}

function usernameToken({ username, password }: Login, nonce: string, now: Date): string {
  const created = now.toISOString();
  const hash = createHash('sha1').update(`${nonce}${created}${password}`).digest('hex');
  const digest = Buffer.from(hash, 'utf8').toString('base64');
  return `UsernameToken Username="${username}", PasswordDigest="${digest}", Nonce="${nonce}", Created="${created}"`;
}

function narrow(provider: Provider): ProviderOf<'SIGNATURE'> {
  if (provider.auth_mode === 'SIGNATURE') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not SIGNATURE`);
}
