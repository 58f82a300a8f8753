/**
 * Auth mode TWO_STEP: one or several requests of the provider's own making exchange what a person entered for a token. What they
 * entered is kept, so a token that can no longer be renewed by its refresh token is renewed by signing in again.
 */
import { checkValues, type Field } from '@bowline/providers/field';
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { type IntegrationAccess, presets, templateScope } from './access.ts';
import { refused } from './answer.ts';
import { type AssertionScope, makeAssertion } from './assertion.ts';
import { type AuthMode, type AuthWorld, always, asksWithForm, type ConnectionConfig, type Granted } from './auth-mode.ts';
import { bearer } from './bearer.ts';
import { type CredentialsOf, twoStepReserved } from './credentials.ts';
import { dig } from './dig.ts';
import { type Exchanged, exchange, stepsOf } from './exchange.ts';
import { CredentialsError } from './failure.ts';
import { readFields } from './form.ts';
import { endOf } from './lifetime.ts';
import { signToken } from './signed-token.ts';
import { pick } from './token.ts';

type TwoStepProvider = ProviderOf<'TWO_STEP'>;
type Entered = Readonly<Record<string, string>>;
type Granting = {
  readonly integration: IntegrationAccess;
  readonly connectionConfig: ConnectionConfig;
  readonly entered: Entered;
  readonly option: Entered;
  readonly refreshToken?: string | undefined;
};

export const twoStep: AuthMode = {
  fields: (provider, custom = {}) => ({ connectionConfig: provider.connection_config ?? {}, credentials: asked({ provider, custom }) }),
  start: asksWithForm,

  finish: async (world, { integration, connectionConfig, answer }) => {
    const values = answer.kind === 'form' ? answer.values : {};
    const provider = narrow(integration.provider);
    const option = checkValues(provider.assertion_option ?? {}, Object(values.assertionOption));
    const [wrong] = option.refused;
    if (wrong) throw new CredentialsError('invalid_body', wrong.message, { path: ['assertionOption', wrong.name] });
    return grant(world, {
      integration,
      connectionConfig,
      entered: readFields(asked(integration), values),
      option: readFields(provider.assertion_option ?? {}, option.values),
    });
  },

  refresh: async (world, { integration, connectionConfig, credentials }) => {
    if (credentials.type !== 'TWO_STEP') throw new TypeError(`cannot exchange ${credentials.type ?? 'no'} credentials`);
    const provider = narrow(integration.provider);
    const { assertion_option: option = {}, refresh_token: refreshToken } = credentials;
    const stored = { integration, connectionConfig, entered: texts(credentials, Object.keys(credentialFields(provider))), option };
    const renews = provider.refresh_token_params ?? provider.refresh_token_headers;
    if (!refreshToken || !renews) return grant(world, stored);
    try {
      return await grant(world, { ...stored, refreshToken });
    } catch (error) {
      if (!(error instanceof CredentialsError) || error.kind !== 'revoked') throw error;
      return grant(world, stored);
    }
  },

  renews: always,
  apply: bearer,
};

function asked(integration: Pick<IntegrationAccess, 'provider' | 'custom'>): Record<string, Field> {
  const preset = presets(integration);
  return Object.fromEntries(Object.entries(credentialFields(integration.provider)).filter(([name]) => !(name in preset)));
}

/** What the developer may preset on the integration is asked of the person where they did not, and then it is required. */
function credentialFields(provider: Provider): Record<string, Field> {
  const settable = Object.entries(provider.integration_config ?? {}).map(([name, { optional: _, ...field }]) => [name, field] as const);
  return { ...Object.fromEntries(settable), ...provider.credentials };
}

async function grant(world: AuthWorld, granting: Granting): Promise<Granted> {
  const { integration, connectionConfig, entered, option, refreshToken } = granting;
  const provider = narrow(integration.provider);
  const now = world.clock.now();
  const { scope, made } = await scopeOf(world, provider, granting);
  const secrets = [...Object.values({ ...entered, ...presets(integration), ...option }), ...made, ...(refreshToken ? [refreshToken] : [])];
  const steps = stepsOf(provider, refreshToken !== undefined);
  const exchanged = await exchange(world.outbound, { provider, steps, scope, secrets });
  const credentials = credentialsOf(provider, exchanged, { now, refreshToken, secrets });
  const told = pick(Object(exchanged.answer), provider.token_response_metadata);
  return {
    credentials: {
      ...fitting(exchanged.kept, entered),
      ...entered,
      ...credentials,
      ...(Object.keys(option).length > 0 ? { assertion_option: option } : {}),
    },
    connectionConfig: { ...connectionConfig, ...told },
  };
}

/** One `now` and one `random` for all of it: providers compare headers with each other. `made`: what was signed, to be kept out of errors. */
async function scopeOf(world: AuthWorld, provider: TwoStepProvider, { integration, connectionConfig, entered, ...from }: Granting) {
  const random = world.random.uuid();
  const { values } = templateScope({ integration, connectionConfig });
  const credentials: Record<string, unknown> = { ...entered, ...presets(integration) };
  const { refreshToken } = from;
  const scope: AssertionScope = {
    values: { ...values, credentials, assertionOption: from.option, refreshToken, refresh_token: refreshToken },
    now: world.clock.now(),
    random: () => random,
  };
  const signed =
    provider.signature && provider.token
      ? await signToken(provider, { signature: provider.signature, token: provider.token }, scope)
      : undefined;
  const assertion = await makeAssertion(provider, scope);
  return {
    scope: { ...scope, values: { ...scope.values, credentials: { ...credentials, assertion }, token: signed?.token } },
    made: [signed?.token, assertion].filter((one) => one !== undefined),
  };
}

type Reading = { readonly now: Date; readonly refreshToken: string | undefined; readonly secrets: readonly string[] };

/** @throws CredentialsError when there is no token where the provider's file says it is */
function credentialsOf(provider: TwoStepProvider, { answer, host }: Exchanged, reading: Reading): CredentialsOf<'TWO_STEP'> {
  const { token: path, refresh_token: refreshPath } = provider.token_response;
  const token = dig(answer, path);
  const value = typeof token === 'number' ? String(token) : token;
  if (value === '' || (typeof value !== 'string' && (typeof value !== 'object' || value === null || path !== ''))) {
    throw refused({ code: 'invalid_two_step_credentials', host, status: 200, answer, secrets: reading.secrets });
  }
  const renewed = refreshPath === undefined ? undefined : dig(answer, refreshPath);
  const refreshToken = typeof renewed === 'string' && renewed !== '' ? renewed : reading.refreshToken;
  const end = endOf(provider, { answer, token, refreshToken }, reading.now);
  return {
    type: 'TWO_STEP',
    token: typeof value === 'string' ? value : { ...value },
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
    ...(end ? { expires_at: end.toISOString() } : {}),
    raw: typeof answer === 'object' ? { ...answer } : {},
  };
}

/** A cookie may not take the place of what the person entered, nor of what we keep. */
function fitting(kept: Entered, entered: Entered): Entered {
  return Object.fromEntries(Object.entries(kept).filter(([name]) => !(name in entered) && !twoStepReserved.has(name)));
}

function texts(from: Readonly<Record<string, unknown>>, names: readonly string[]): Entered {
  return Object.fromEntries(names.flatMap((name) => (typeof from[name] === 'string' ? [[name, from[name]] as const] : [])));
}

function narrow(provider: Provider): TwoStepProvider {
  if (provider.auth_mode === 'TWO_STEP') return provider;
  throw new TypeError(`${provider.name} is ${provider.auth_mode}, not TWO_STEP`);
}
