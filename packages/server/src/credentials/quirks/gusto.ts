/** Gusto: the company a token was granted for. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const gusto: Quirk = {
  afterConnect: lookup('/v1/token_info', { config: { companyUuid: 'resource.uuid' }, account: 'resource.uuid' }),
};
