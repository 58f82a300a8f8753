/** The client assertion of a TWO_STEP provider: a JWT (RFC 7523) or a SAML document (RFC 7522). Made anew for every token request. */
import type { ProviderOf } from '@bowline/providers/provider';
import type { TemplateScope } from '@bowline/providers/template';
import { CredentialsError } from './failure.ts';
import { fillParams } from './params.ts';
import { samlAssertion } from './saml.ts';
import { claimsOf, signClaims } from './signed-token.ts';
import { privateKeyOf } from './signing-key.ts';

type TwoStepProvider = ProviderOf<'TWO_STEP'>;
type Recipe<Type> = Extract<NonNullable<TwoStepProvider['assertion']>, { type: Type }>;
export type AssertionScope = TemplateScope & { readonly now: Date; readonly random: () => string };

/** @throws CredentialsError naming what is missing or unreadable, never its value */
export function makeAssertion(provider: TwoStepProvider, scope: AssertionScope): Promise<string> | string | undefined {
  const { assertion } = provider;
  if (!assertion) return undefined;
  return assertion.type === 'jwt' ? signedJwt(assertion, provider, scope) : saml(assertion, provider, scope);
}

async function signedJwt(recipe: Recipe<'jwt'>, provider: TwoStepProvider, scope: AssertionScope): Promise<string> {
  const { alg = 'RS256', ...header } = fillParams(recipe.header, provider, scope);
  const { key = '' } = fillParams({ key: recipe.key }, provider, scope);
  const issued = Math.floor(scope.now.getTime() / 1000);
  const payload = claimsOf(recipe.payload, provider, scope);
  const moments = ['iat', 'exp', 'nbf'].flatMap((name) => (payload[name] === undefined ? [] : [[name, Number(payload[name])]]));
  const lifetime = seconds(recipe.lifetimeInSeconds, { provider, scope, usual: 3600 });
  const claims = { iat: issued, exp: issued + lifetime, ...payload, ...Object.fromEntries(moments) };
  return signClaims(claims, { ...header, alg }, privateKeyOf(key));
}

function saml(recipe: Recipe<'saml'>, provider: TwoStepProvider, scope: AssertionScope): string {
  const { type: _type, attributes, lifetimeInSeconds, singleUse: _always, ...templates } = recipe;
  const given = Object.fromEntries(
    Object.entries(templates).flatMap(([name, template]) => (template === undefined ? [] : [[name, template] as const])),
  );
  const filled = fillParams(given, provider, scope);
  return samlAssertion({
    ...filled,
    id: `_${scope.random().replaceAll('-', '')}`,
    issued: scope.now,
    lifetimeSeconds: seconds(lifetimeInSeconds, { provider, scope, usual: 300 }),
    issuer: filled.issuer ?? '',
    audiences: (filled.audiences ?? '').split(',').flatMap((one) => one.trim() || []),
    attributes: fillParams(attributes, provider, scope),
  });
}

type Lifetime = { readonly provider: TwoStepProvider; readonly scope: TemplateScope; readonly usual: number };

function seconds(lifetime: number | string | undefined, { provider, scope, usual }: Lifetime): number {
  if (lifetime === undefined) return usual;
  const count = Number(fillParams({ lifetimeInSeconds: String(lifetime) }, provider, scope).lifetimeInSeconds);
  if (count > 0) return count;
  throw new CredentialsError('url_param_err', 'the lifetime of the assertion is no number of seconds');
}
