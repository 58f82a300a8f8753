/** Zoom: webhooks name the account, of which the person is one of many. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const zoom: Quirk = { afterConnect: lookup('/users/me', { config: { account_id: 'account_id' }, account: 'id' }) };
