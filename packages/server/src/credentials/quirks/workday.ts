/** Workday: a refresh token that a person brought along does not expire and stays, whatever a refresh answers. */
import type { Quirk } from './quirk.ts';

export const workday: Quirk = {
  further: async ({ previous, connectionConfig }, answer) => {
    const brought = connectionConfig.overrideTokenRefresh === true ? previous?.refresh_token : undefined;
    return brought === undefined ? answer : { ...answer, refresh_token: brought };
  },
};
