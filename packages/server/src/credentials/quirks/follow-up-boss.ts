/** Follow Up Boss: wants the state again when the code is exchanged. */
import type { Quirk } from './quirk.ts';

export const followUpBoss: Quirk = {
  exchange: (call, { query }) => ({ ...call, params: { ...call.params, state: query.state ?? '' } }),
};
