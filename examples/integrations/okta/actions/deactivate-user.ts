/** Deactivates a user: they lose all access, and every app learns of it. Retried: who is deactivated already is left as they are. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain } from '../refusal.js';

const Input = z.object({
  user: z.string().min(1).describe("The user's id or login"),
  notify: z.boolean().optional().describe('Mail the administrators. Default: false'),
});

const action = createAction({
  description: 'Deactivates a user, who loses all access',
  version: '1.0.0',
  scopes: ['okta.users.manage'],
  input: Input,
  output: z.object({ user: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { user, notify = false } = data;
    try {
      const endpoint = `/api/v1/users/${encodeURIComponent(user)}/lifecycle/deactivate`;
      await nango.post({ endpoint, params: { sendEmail: String(notify) }, retries: 3 });
      return { user };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
