/** The smallest useful action: whose account is this? */
import { createAction } from 'bowline';
import { z } from 'zod';

const User = z.object({ login: z.string(), name: z.string().nullish(), email: z.string().nullish() });

const action = createAction({
  description: 'The user the connection belongs to',
  version: '1.0.0',
  input: z.void(),
  output: z.object({ login: z.string(), name: z.string().nullable(), email: z.string().nullable() }),

  exec: async (nango) => {
    const response = await nango.get({ endpoint: '/user', retries: 3 });
    const { login, name = null, email = null } = User.parse(response.data);
    return { login, name, email };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
