/** Puts a user into a group. Who is in it already is no error, so the call is retried. Groups that a rule fills refuse it. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain, problemOf } from '../../microsoft/refusal.js';

const Input = z.object({ user_id: z.uuid(), group_id: z.uuid() });

const action = createAction({
  description: 'Puts a user into a group',
  version: '1.0.0',
  scopes: ['GroupMember.ReadWrite.All'],
  input: Input,
  output: Input.extend({ was_member: z.boolean() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    try {
      await nango.post({
        endpoint: `/v1.0/groups/${data.group_id}/members/$ref`,
        data: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${data.user_id}` },
        retries: 3,
      });
      return { ...data, was_member: false };
    } catch (error) {
      if (problemOf(error)?.message.includes('already exist')) return { ...data, was_member: true };
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
