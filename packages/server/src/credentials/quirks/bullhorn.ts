/** Bullhorn: an OAuth token only opens a session, whose token and address the API takes. Parameters travel in the query. */
import { digText } from '../dig.ts';
import { askToken } from '../token-request.ts';
import type { Quirk, Reshape } from './quirk.ts';
import { formPost } from './shapes.ts';

/** The longest session Bullhorn gives. */
const SESSION_MINUTES = 10_080;

const inQuery: Reshape = (call) => ({ ...call, format: 'query' });

export const bullhorn: Quirk = {
  exchange: inQuery,
  refresh: inQuery,
  further: async ({ world, provider }, answer) => {
    const host = new URL(provider.token_url).host.replace(/^auth/, 'rest');
    const params = { version: '*', access_token: digText(answer, 'access_token') ?? '', ttl: String(SESSION_MINUTES) };
    const session = await askToken(
      world.outbound,
      { ...formPost(`https://${host}/rest-services/login`, params), format: 'query' },
      { holds: (told) => digText(told, 'BhRestToken') !== undefined },
    );
    return { ...answer, access_token: session.BhRestToken, restUrl: session.restUrl, expires_in: SESSION_MINUTES * 60 };
  },
  // They stood in the address of the sign-in and are of no use afterwards.
  afterConnect: async () => ({ remove: ['username', 'password'] }),
};
