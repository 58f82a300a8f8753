/** Candis: every path of its API starts with the organisation. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const candis: Quirk = { afterConnect: lookup('/v1/organizations/info', { config: { organizationId: 'id' }, account: 'id' }) };
