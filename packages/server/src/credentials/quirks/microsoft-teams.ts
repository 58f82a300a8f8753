/** Microsoft Teams: a bot also needs a token of the Bot Framework, which the tenant that hosts it issues to the application itself. */
import { readClaims } from '../claims.ts';
import { digText } from '../dig.ts';
import { accessTokenOf } from './access-token.ts';
import type { Quirk } from './quirk.ts';
import { formPost, secondToken, shortest } from './shapes.ts';

export const microsoftTeams: Quirk = {
  afterConnect: async ({ access }) => {
    const tenantId = digText(readClaims(accessTokenOf(access)), 'tid');
    return { config: { tenantId }, account: tenantId };
  },
};

export const microsoftTeamsBot: Quirk = {
  ...microsoftTeams,
  further: async (asking, answer) => {
    const { client, connectionConfig } = asking;
    const host = digText(connectionConfig, 'botHostTenantId');
    if (host === undefined) return answer;
    const call = formPost(`https://login.microsoftonline.com/${encodeURIComponent(host)}/oauth2/v2.0/token`, {
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
      scope: 'https://api.botframework.com/.default',
    });
    const botFrameworkAccessToken = await secondToken(asking, call);
    return botFrameworkAccessToken ? { ...shortest(answer, botFrameworkAccessToken), botFrameworkAccessToken } : answer;
  },
};
