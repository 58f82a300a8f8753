/**
 * Deactivates a user: they lose all access, and every app learns of it. Okta refuses it for a user who is deactivated already, also by an
 * attempt whose answer was lost; that is what was asked for, so it is no error here.
 */
import { createAction, type NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../../refusal.js';
import { explain } from '../refusal.js';

const Input = z.object({
  user: z.string().min(1).describe("The user's id or login"),
  notify: z.boolean().optional().describe('Mail the administrators. Default: false'),
});

const OktaUser = z.object({ status: z.string() });

const action = createAction({
  description: 'Deactivates a user, who loses all access',
  version: '1.0.0',
  scopes: ['okta.users.manage'],
  input: Input,
  output: z.object({ user: z.string(), was_deactivated: z.boolean().describe('Before this call') }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { user, notify = false } = data;
    const endpoint = `/api/v1/users/${encodeURIComponent(user)}`;
    try {
      await nango.post({ endpoint: `${endpoint}/lifecycle/deactivate`, params: { sendEmail: String(notify) }, retries: 3 });
      return { user, was_deactivated: false };
    } catch (error) {
      if (refusalOf(error) !== undefined && (await statusOf(nango, endpoint)) === 'DEPROVISIONED') return { user, was_deactivated: true };
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;

/** Undefined where there is no such user. */
const statusOf = async (nango: NangoAction, endpoint: string): Promise<string | undefined> => {
  try {
    return OktaUser.parse((await nango.get({ endpoint, retries: 3 })).data).status;
  } catch (error) {
    if (refusalOf(error) !== undefined) return undefined;
    throw error;
  }
};
