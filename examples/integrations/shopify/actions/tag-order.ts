/** Adds tags to an order. Tags it has already stay as they are. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { mutate } from '../graphql.js';

const Input = z.object({
  order_id: z.string().regex(/^\d+$/).describe('As the sync has it'),
  tags: z.array(z.string().min(1).max(40)).min(1),
});

const mutation = `mutation ($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { userErrors { message } }
}`;

const Answer = z.object({ tagsAdd: z.object({ userErrors: z.array(z.object({ message: z.string() })) }) });

const action = createAction({
  description: 'Adds tags to an order',
  version: '1.0.0',
  scopes: ['write_orders'],
  input: Input,
  output: Input,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const variables = { id: `gid://shopify/Order/${data.order_id}`, tags: data.tags };
    const [refusal] = Answer.parse(await mutate(nango, mutation, variables)).tagsAdd.userErrors;
    if (refusal !== undefined) throw new nango.ActionError({ message: refusal.message, order_id: data.order_id });
    return data;
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
