/** Attio: which workspace a token belongs to. */
import { lookup } from './lookup.ts';
import type { Quirk } from './quirk.ts';

export const attio: Quirk = {
  afterConnect: lookup('/v2/self', { config: { workspace_id: 'workspace_id' }, account: 'workspace_id' }),
};
