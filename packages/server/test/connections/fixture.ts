/** What the tests of connections share: integrations of every auth mode, and a short way to import a connection. */
import type { Answer, Platform } from '../platform.ts';

/** `api`: where the API of the integrations is. Keys: `key`, `basic`, `open`, and `oauth` whose token endpoint is `<api>/token`. */
export async function createIntegrations({ call }: Platform, api = 'https://api.example.test'): Promise<void> {
  const wanted = [
    {
      unique_key: 'key',
      provider: 'private-api-generic',
      integration_config: { keyName: 'x-key', baseUrl: api, keyPlacement: 'header' },
    },
    { unique_key: 'basic', provider: 'private-api-basic', integration_config: { baseUrl: api } },
    { unique_key: 'open', provider: 'unauthenticated' },
    {
      unique_key: 'oauth',
      provider: 'oauth2-generic',
      integration_config: { authorizationUrl: `${api}/authorize`, tokenUrl: `${api}/token`, baseUrl: api },
      credentials: { type: 'OAUTH2', client_id: 'client-1', client_secret: 's3cret', scopes: 'read' },
    },
  ];
  for (const body of wanted) {
    const answer = await call('POST', '/integrations', body);
    if (answer.status !== 200) throw new Error(`could not create ${body.unique_key}: ${JSON.stringify(answer.body)}`);
  }
}

/** Imports one with an API key, or with what `over` says. */
export async function importConnection({ call }: Platform, connectionId: string, over: object = {}): Promise<Answer> {
  const answer = await call('POST', '/connections', {
    provider_config_key: 'key',
    connection_id: connectionId,
    credentials: { type: 'API_KEY', apiKey: `key of ${connectionId}` },
    ...over,
  });
  if (answer.status !== 201) throw new Error(`could not import ${connectionId}: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** OAuth credentials that expired an hour ago, or in `expiresInMs`. */
export function oauthCredentials(token: string, expiresInMs = -3_600_000): object {
  return {
    provider_config_key: 'oauth',
    credentials: {
      type: 'OAUTH2',
      access_token: token,
      refresh_token: `refresh of ${token}`,
      expires_at: new Date(Date.now() + expiresInMs).toISOString(),
    },
  };
}
