/** Puts a user into a group. Retried: who is in it already stays in it. Groups that an app or a rule fills refuse it. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain } from '../refusal.js';

const id = z.string().regex(/^[A-Za-z0-9]+$/);
const Input = z.object({ user_id: id, group_id: id });

const action = createAction({
  description: 'Puts a user into a group',
  version: '1.0.0',
  scopes: ['okta.groups.manage'],
  input: Input,
  output: Input,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    try {
      await nango.put({ endpoint: `/api/v1/groups/${data.group_id}/users/${data.user_id}`, retries: 3 });
      return data;
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
