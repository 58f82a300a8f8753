/** Xero: a person may have granted several organisations over time; the one of this sign-in carries the event that the token names. */
import { readClaims } from '../claims.ts';
import { digList, digText } from '../dig.ts';
import { accessTokenOf } from './access-token.ts';
import type { Quirk } from './quirk.ts';

export const xero: Quirk = {
  afterConnect: async ({ access, request }) => {
    const tenants = digList(await request('/connections'));
    const event = digText(readClaims(accessTokenOf(access)), 'authentication_event_id');
    const granted = tenants.length === 1 ? tenants[0] : tenants.find((one) => event !== undefined && digText(one, 'authEventId') === event);
    const tenant_id = digText(granted, 'tenantId');
    return { config: { tenant_id }, account: tenant_id };
  },
};
