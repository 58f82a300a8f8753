/**
 * OneDrive and SharePoint: SharePoint's own API takes tokens of its own host, which the first refresh token buys. The host is known to
 * Graph alone. Who has no SharePoint, or did not consent to it, connects all the same.
 */
import { readText } from '../../base/outbound.ts';
import { OutboundError } from '../../base/outbound-error.ts';
import { readClaims } from '../claims.ts';
import { dig, digText } from '../dig.ts';
import { readBody, type TokenAnswer } from '../token.ts';
import { accessTokenOf } from './access-token.ts';
import type { Asking, Quirk } from './quirk.ts';
import { formPost, secondToken, shortest } from './shapes.ts';

const KEY = 'sharepointAccessToken';

export const onedrive: Quirk = {
  further: async (asking, answer) => {
    const { previous } = asking;
    const host = previous ? digText(previous.raw, `${KEY}.host`) : await hostOf(asking, answer);
    const refreshToken = digText(previous?.raw, `${KEY}.refresh_token`) ?? digText(answer, 'refresh_token');
    if (host === undefined || refreshToken === undefined) return answer;
    const call = formPost('https://login.microsoftonline.com/common/oauth2/v2.0/token', {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: asking.client.id,
      client_secret: asking.client.secret,
      scope: `https://${host}/Sites.Read.All offline_access`,
    });
    const second = await secondToken(asking, call);
    return second ? { ...shortest(answer, second), [KEY]: { refresh_token: refreshToken, ...second, host } } : answer;
  },
  afterConnect: async ({ access }) => {
    const tenantId = digText(readClaims(accessTokenOf(access)), 'tid');
    return { config: { tenantId }, account: tenantId };
  },
};

async function hostOf({ world }: Asking, answer: TokenAnswer): Promise<string | undefined> {
  try {
    const response = await world.outbound.request('https://graph.microsoft.com/v1.0/sites/root?$select=siteCollection', {
      headers: { authorization: `Bearer ${digText(answer, 'access_token')}`, accept: 'application/json' },
      headersTimeoutMs: 10_000,
    });
    const host = dig(readBody(await readText(response)), 'siteCollection.hostname');
    return typeof host === 'string' && /^[a-z0-9-]+\.sharepoint\.(?:com|us|cn|de)$/i.test(host) ? host : undefined;
  } catch (error) {
    if (error instanceof OutboundError) return undefined;
    throw error;
  }
}
