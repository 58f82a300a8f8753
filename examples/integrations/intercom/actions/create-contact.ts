/** Creates a contact. Intercom keeps addresses and external ids of users unique, so doing it twice is refused, and the refusal says who it is. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { headers, isoOf } from '../search.js';

const Input = z
  .object({
    role: z.enum(['user', 'lead']).default('user'),
    email: z.email().optional(),
    external_id: z.string().optional().describe('What your own system calls the person'),
    name: z.string().optional(),
    phone: z.string().optional(),
    custom_attributes: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('They must exist in the workspace'),
  })
  .refine(
    ({ role, email, external_id: id }) => role === 'lead' || email !== undefined || id !== undefined,
    'A user needs email or external_id.',
  );

const Created = z.object({ id: z.string(), role: z.string(), created_at: z.number() });
/** "A contact matching those details already exists with id=5ba682d23d7cf92bef87bfd4" */
const Conflict = z.object({
  response: z.object({ status: z.literal(409), data: z.object({ errors: z.array(z.object({ message: z.string() })) }) }),
});

const action = createAction({
  description: 'Creates a user or a lead',
  version: '1.0.0',
  input: Input,
  output: z.object({ id: z.string(), role: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const response = await nango.post({ endpoint: '/contacts', headers, data }).catch((error: unknown) => {
      const conflict = Conflict.safeParse(error).data?.response.data.errors[0]?.message;
      if (conflict === undefined) throw error;
      throw new nango.ActionError({
        message: 'There is a contact with these details already.',
        contact_id: /id=(\w+)/.exec(conflict)?.[1],
      });
    });
    const { id, role, created_at } = Created.parse(response.data);
    return { id, role, created_at: isoOf(created_at) };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
