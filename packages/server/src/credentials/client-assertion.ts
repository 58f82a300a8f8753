/** How a client proves itself with its private key instead of a secret: `private_key_jwt` of OpenID Connect Core §9 (RFC 7523). */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { AuthWorld } from './auth-mode.ts';
import { CredentialsError } from './failure.ts';
import { signClaims } from './signed-token.ts';
import { privateKeyOf } from './signing-key.ts';

const LIFETIME_SECONDS = 300;
const path = ['credentials', 'client_private_key'];

type SigningKey = { readonly key: KeyObject; readonly alg: string; readonly kid?: string };

/** The parameters that stand in for a client secret. @param audience the token URL, whole @throws CredentialsError `invalid_body` */
export async function clientAssertion(
  world: Pick<AuthWorld, 'clock' | 'random'>,
  client: { readonly id: string; readonly privateKey: string | undefined },
  audience: string,
): Promise<Record<string, string>> {
  if (!client.privateKey) {
    throw new CredentialsError('invalid_body', 'client_private_key is required: this provider wants requests that the client signs', {
      path,
    });
  }
  const { key, alg, kid } = readKey(client.privateKey);
  const issued = Math.floor(world.clock.now().getTime() / 1000);
  const claims = { iss: client.id, sub: client.id, aud: audience, iat: issued, exp: issued + LIFETIME_SECONDS, jti: world.random.uuid() };
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signClaims(claims, { alg, ...(kid === undefined ? {} : { kid }) }, key),
  };
}

/** A private JWK, which may name its id and algorithm, or a PEM. */
function readKey(text: string): SigningKey {
  try {
    if (!text.trimStart().startsWith('{')) {
      const key = privateKeyOf(text);
      return { key, alg: algorithmOf(key) };
    }
    const jwk: unknown = JSON.parse(text);
    const { kid, alg } = Object(jwk);
    const key = createPrivateKey({ key: Object(jwk), format: 'jwk' });
    return { key, alg: typeof alg === 'string' ? alg : algorithmOf(key), ...(typeof kid === 'string' ? { kid } : {}) };
  } catch (error) {
    const message = 'client_private_key is no private key: paste a JWK with its private part, or a PEM from its BEGIN to its END line';
    throw new CredentialsError('invalid_body', message, { path }, { cause: error });
  }
}

const byCurve: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  return byCurve[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'RS256';
}
