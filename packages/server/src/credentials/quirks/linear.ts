/** Linear: webhooks name the organisation. A deleted connection's token is revoked. */
import { accessTokenOf } from './access-token.ts';
import { told } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const linear: Quirk = {
  afterConnect: async ({ request }) => {
    const answer = await request('/graphql', { method: 'POST', json: { query: '{ organization { id } }' } });
    return told(answer, { config: { organizationId: 'data.organization.id' }, account: 'data.organization.id' });
  },
  beforeDelete: async ({ access, request }) => {
    const token = accessTokenOf(access);
    if (token) await request('/oauth/revoke', { method: 'POST', form: { token, token_type_hint: 'access_token' } });
  },
};
