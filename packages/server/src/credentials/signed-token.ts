/** A JSON Web Token of the provider's recipe (`signature`, `token`): what it claims, which key signs it, how long it is good. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Provider, ProviderOf } from '@bowline/providers/provider';
import { fillTemplate, type TemplateScope } from '@bowline/providers/template';
import { type JWTPayload, SignJWT } from 'jose';
import { CredentialsError } from './failure.ts';
import { fillParams } from './params.ts';
import { privateKeyOf } from './signing-key.ts';

type Recipe = Pick<ProviderOf<'JWT'>, 'signature' | 'token'>;
const usualAlgorithm = { RSA: 'RS256', EC: 'ES256', HMAC: 'HS256' } as const;

/** @throws CredentialsError when a value or the key is missing or unreadable; the message holds neither */
export async function signToken(
  provider: Provider,
  { signature, token }: Recipe,
  scope: TemplateScope & { readonly now: Date },
): Promise<{ readonly token: string; readonly expiresAt: Date }> {
  const { alg = usualAlgorithm[signature.protocol], ...header } = fillParams(token.header, provider, scope);
  const issued = Math.floor(scope.now.getTime() / 1000);
  const expires = issued + Math.floor(token.expires_in_ms / 1000);
  const claims = { ...claimsOf(token.payload ?? {}, provider, scope), iat: issued, exp: expires };
  const { key: secret = '' } = fillParams({ key: token.signing_key ?? '' }, provider, scope);
  const key = signature.protocol === 'HMAC' ? sharedKey(secret, signature.hmac_secret_encoding ?? 'hex') : privateKeyOf(secret);
  return { token: await signClaims(claims, { ...header, alg }, key), expiresAt: new Date(expires * 1000) };
}

/** @throws CredentialsError when the key does not fit the algorithm */
export async function signClaims(claims: JWTPayload, header: { readonly alg: string }, key: KeyObject): Promise<string> {
  try {
    return await new SignJWT(claims).setProtectedHeader(header).sign(key);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CredentialsError('invalid_body', `the private key cannot sign with ${header.alg}: ${why}`);
  }
}

/** A claim without a value is left out; a list is made of texts that may themselves be lists with commas. */
export function claimsOf(payload: NonNullable<Recipe['token']['payload']>, provider: Provider, scope: TemplateScope): JWTPayload {
  const texts = Object.entries(payload).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  const lists = Object.entries(payload).flatMap(([name, value]) => {
    if (typeof value === 'string') return [];
    const items = value
      .flatMap((item) =>
        fillTemplate(item, scope)
          .text.split(',')
          .map((one) => one.trim()),
      )
      .filter(Boolean);
    return items.length > 0 ? [[name, items] as const] : [];
  });
  const filled = Object.entries(fillParams(Object.fromEntries(texts), provider, scope)).filter(([, value]) => value !== '');
  return Object.fromEntries([...filled, ...lists]);
}

function sharedKey(secret: string, encoding: 'hex' | 'utf8'): KeyObject {
  if (secret === '' || (encoding === 'hex' && !/^(?:[0-9a-f]{2})+$/i.test(secret))) {
    throw new CredentialsError(
      'invalid_body',
      `the signing secret cannot be read${encoding === 'hex' ? ': it is written in hexadecimal' : ''}`,
    );
  }
  return createSecretKey(secret, encoding);
}
