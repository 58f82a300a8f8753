/** HubSpot: webhooks name the portal. A deleted connection's refresh token is revoked, unless the app says that it is used elsewhere. */
import { dig } from '../dig.ts';
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const hubspot: Quirk = {
  afterConnect: lookup('/account-info/v3/details', { config: { portalId: 'portalId' }, account: 'portalId' }),
  beforeDelete: async ({ access, request }) => {
    const { credentials, integration, metadata } = access;
    if (credentials.type !== 'OAUTH2' || !credentials.refresh_token || dig(metadata, 'skipTokenRevocation') === true) return;
    // The client and the token in the body (HubSpot's OAuth v1 migration guide); the older address with the token in it ends in 2027.
    const form = {
      client_id: integration.clientId ?? '',
      client_secret: integration.clientSecret ?? '',
      token: credentials.refresh_token,
      token_type_hint: 'refresh_token',
    };
    await request('/oauth/2026-03/token/revoke', { method: 'POST', form, headers: { authorization: undefined } });
  },
};
