/** What a JSON Web Token says, unverified: it came from the provider itself over TLS, and only names an account. Pure. */

/** Undefined for a token of another kind. */
export function claimsOf(token: unknown): Readonly<Record<string, unknown>> | undefined {
  const payload = typeof token === 'string' ? /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1] : undefined;
  if (payload === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
