/**
 * Slack: an installation can bring a bot's token and the person's, each with a refresh token of its own. Both are renewed together, and
 * what we hold is good as long as the first of them is. A person's token that cannot be renewed does not take the bot's away.
 */
import { dig, digText } from '../dig.ts';
import type { Quirk } from './quirk.ts';
import { formPost, secondToken, shortest, withMoment } from './shapes.ts';

export const slack: Quirk = {
  further: async (asking, answer) => {
    const { previous, client, provider } = asking;
    if (!previous) return shortest(answer, dig(answer, 'authed_user'));
    const refreshToken = digText(previous.raw, 'authed_user.refresh_token');
    if (refreshToken === undefined) return answer;
    const params = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.id, client_secret: client.secret };
    // Without a bot the person's token is the connection's own, and was renewed just now.
    const isOwn = refreshToken === previous.refresh_token;
    const renewed = isOwn ? withMoment(answer, asking.now) : await secondToken(asking, formPost(provider.token_url, params));
    if (!renewed) return answer;
    const { access_token, refresh_token = refreshToken, expires_in, expires_at } = renewed;
    const authed_user = { ...Object(dig(previous.raw, 'authed_user')), access_token, refresh_token, expires_in, expires_at };
    return { ...shortest(answer, renewed), authed_user };
  },
};
