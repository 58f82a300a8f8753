/** Creates a user without a password. Activated at once, the user gets Okta's mail to set one. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain } from '../refusal.js';

const Input = z.object({
  email: z.email().describe('The login as well, unless one is given'),
  first_name: z.string().min(1),
  last_name: z.string().min(1),
  login: z.string().optional(),
  activate: z.boolean().optional().describe('False leaves the user staged, without a mail. Default: true'),
});

const OktaUser = z.object({ id: z.string(), status: z.string() });

const action = createAction({
  description: 'Creates a user and invites them by mail',
  version: '1.0.0',
  scopes: ['okta.users.manage'],
  input: Input,
  output: z.object({ id: z.string(), status: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { email, first_name: firstName, last_name: lastName, login = email, activate = true } = data;
    try {
      const response = await nango.post({
        endpoint: '/api/v1/users',
        params: { activate: String(activate) },
        data: { profile: { firstName, lastName, email, login } },
      });
      return OktaUser.parse(response.data);
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
