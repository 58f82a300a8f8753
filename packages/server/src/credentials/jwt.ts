/** Auth mode JWT: the token is one we sign ourselves, with the key a person enters. A refresh signs another. */
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { templateScope } from './access.ts';
import { type AuthMode, type AuthWorld, always, asksWithForm, declaredFields, type Finish, type Granted } from './auth-mode.ts';
import { bearer } from './bearer.ts';
import { readFields } from './form.ts';
import { signToken } from './signed-token.ts';

export const jwt: AuthMode = {
  fields: declaredFields,
  start: asksWithForm,
  finish: async (world, input) => {
    const values = input.answer.kind === 'form' ? input.answer.values : {};
    return grant(world, input, readFields(input.integration.provider.credentials ?? {}, values));
  },
  refresh: async (world, access) => {
    const { type: _type, token: _token, expires_at: _expires, ...entered } = { token: '', expires_at: '', ...access.credentials };
    return grant(world, access, entered);
  },
  renews: always,
  apply: bearer,
};

type From = Pick<Finish, 'integration' | 'connectionConfig'>;

async function grant(world: AuthWorld, from: From, entered: Readonly<Record<string, unknown>>): Promise<Granted> {
  const provider = narrow(from.integration.provider);
  const { values } = templateScope(from);
  const { uuid } = world.random;
  const scope = { values: { ...values, credentials: entered }, now: world.clock.now(), random: uuid };
  const { token, expiresAt } = await signToken(provider, provider, scope);
  return {
    credentials: { ...entered, type: 'JWT', token, expires_at: expiresAt.toISOString() },
    connectionConfig: from.connectionConfig,
  };
}

function narrow(provider: Provider): ProviderOf<'JWT'> {
  if (provider.auth_mode === 'JWT') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not JWT`);
}
