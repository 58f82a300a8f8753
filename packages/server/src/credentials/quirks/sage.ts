/** Sage 200: every call names a company at a site; the first is taken. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const sage200: Quirk = {
  afterConnect: lookup('/accounts/v1/sites', {
    config: { company_id: '[0].company_id', site_id: '[0].site_id' },
    account: '[0].site_id',
  }),
};
