/**
 * Revolut Business: the client is known by a signed assertion (RFC 7523); the integration's secret is its private key as PEM. The issuer is
 * the host of the redirect URI, which is kept for refreshes. A refresh answers no new refresh token.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { digText } from '../dig.ts';
import { CredentialsError } from '../failure.ts';
import type { About, Quirk, Reshape } from './quirk.ts';
import { only } from './shapes.ts';

const LIFETIME_SECONDS = 300;

function issuerOf({ redirectUri, previous }: About): string {
  return redirectUri === undefined ? (digText(previous?.raw, 'client_assertion.issuer') ?? '') : new URL(redirectUri).host;
}

const asserted: Reshape = async (call, about) => ({
  ...call,
  params: {
    ...only(call.params, ['grant_type', 'code', 'refresh_token']),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuer(issuerOf(about))
      .setSubject(about.client.id)
      .setAudience('https://revolut.com')
      .setExpirationTime(Math.floor(about.now.getTime() / 1000) + LIFETIME_SECONDS)
      .sign(keyOf(about.client.secret)),
  },
});

function keyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new CredentialsError('provider_config_err', "the client secret must be the private key of the app's certificate, as PEM");
  }
}

export const revolutBusiness: Quirk = {
  exchange: asserted,
  refresh: asserted,
  further: async (asking, answer) => ({ ...answer, client_assertion: { issuer: issuerOf(asking) } }),
};
