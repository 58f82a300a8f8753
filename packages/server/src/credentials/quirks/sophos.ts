/** Sophos Central: a tenant's API has the host of its region. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const sophosCentral: Quirk = {
  afterConnect: lookup('https://api.central.sophos.com/whoami/v1', {
    config: { tenantId: 'id', dataRegion: 'apiHosts.dataRegion' },
    account: 'id',
  }),
};
