/** What the page asks the server: three reads with the session's token, and nothing with a cookie. The types are those of the contract. */
import { ApiError } from '@bowline/api/client';
import type { connect } from '@bowline/api/connect';
import type { integrations } from '@bowline/api/integrations';
import type { Provider, providers } from '@bowline/api/providers';
import type { Received, Route } from '@bowline/api/route';

export type Session = Received<typeof connect.getSession>['data'];
export type Integration = Received<typeof integrations.list>['data'][number];
export type Client = {
  session: () => Promise<Session>;
  integrations: () => Promise<Integration[]>;
  provider: (name: string) => Promise<Provider>;
};

export function createClient(apiUrl: string, token: string, lang: string): Client {
  const read = async <R extends Route>(path: R['path'], name = ''): Promise<Received<R>> => {
    const headers = { authorization: `Bearer ${token}`, 'accept-language': lang };
    // Nobody is signed in here: a member who tries a link must see what their customer sees.
    const response = await fetch(apiUrl + path.replace(/:\w+/, encodeURIComponent(name)), { headers, credentials: 'omit' });
    const body: unknown = await response.json();
    if (!response.ok) throw new ApiError(response.status, Object(body).error ?? { code: 'server_error' });
    return body as Received<R>; // of the server this page came with, by the same contract
  };
  return {
    session: async () => (await read<typeof connect.getSession>('/connect/session')).data,
    integrations: async () => (await read<typeof integrations.list>('/integrations')).data,
    provider: async (name) => (await read<typeof providers.get>('/providers/:provider', name)).data,
  };
}
