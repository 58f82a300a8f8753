/** A real OpenID provider, and a person at its pages. */
import Provider from 'oidc-provider';

/** Requires PKCE, rotates refresh tokens, and revokes everything when an old one is used again. Its client: `bowline`. @returns how to stop it */
export function startOidc(issuer: string, redirectUri: string): () => Promise<unknown> {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'bowline',
        client_secret: 'of bowline',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    scopes: ['openid', 'offline_access'],
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: 1200 },
    cookies: { keys: ['k'] },
  });
  const server = provider.listen(Number(new URL(issuer).port), '127.0.0.1');
  return () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
}

/** A person at the provider's pages: signs in, consents, and is sent back; answers what came along. */
export async function consent(url: string): Promise<Record<string, string>> {
  const jar = new Map<string, string>();
  let next = url;
  let form: string | undefined;
  for (let step = 0; step < 12; step++) {
    const response: Response = await fetch(next, {
      redirect: 'manual',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      ...(form ? { method: 'POST', body: form } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      jar.set(name, value);
    }
    const html = await response.text();
    const location = response.headers.get('location');
    form = undefined;
    if (location?.includes('/oauth/callback')) return Object.fromEntries(new URL(location).searchParams);
    if (location) {
      next = new URL(location, next).href;
      continue;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1];
    if (!prompt) throw new Error(`no form at ${next}: ${html.slice(0, 300)}`);
    next = new URL(/action="([^"]+)"/.exec(html)?.[1] ?? '', next).href;
    form = `prompt=${prompt}&login=jane&password=x`;
  }
  throw new Error('the sign-in never ended');
}
