/** What a JSON Web Token says, unverified: it came from the provider itself over TLS, and only names an account or an end. Pure. */
import { decodeJwt, type JWTPayload } from 'jose';

/** Undefined for a token of another kind, as most are. */
export function readClaims(token: unknown): JWTPayload | undefined {
  if (typeof token !== 'string') return undefined;
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
