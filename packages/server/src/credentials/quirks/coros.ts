/** COROS: a refresh prolongs the token that we hold by 30 days and answers only whether it did. Errors come with status 200. */
import type { Quirk } from './quirk.ts';
import { reading } from './shapes.ts';

const SUCCESS = '0000';

export const coros: Quirk = {
  read: reading((answer, { previous }) => {
    const { result, message } = answer;
    if (result !== undefined && result !== SUCCESS) return { error: String(result), error_description: message };
    return previous && result === SUCCESS ? { ...answer, access_token: previous.access_token } : answer;
  }),
};
