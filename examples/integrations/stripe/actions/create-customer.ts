/**
 * Creates a customer. Stripe accepts two with the same address, so the app may give a key of its own: within a day Stripe answers the same key
 * with the same customer, which makes a lost answer safe to ask for again.
 */
import { createAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../../refusal.js';

const Input = z.object({
  email: z.email().optional(),
  name: z.string().optional(),
  description: z.string().optional(),
  metadata: z.record(z.string().max(40), z.string().max(500)).optional(),
  idempotency_key: z.string().min(1).max(255).optional().describe("The app's own id of this attempt; with it the call is retried"),
});

const Created = z.object({ id: z.string(), created: z.number() });
const Problem = z.object({ error: z.object({ message: z.string(), code: z.string().nullish(), param: z.string().nullish() }) });

const action = createAction({
  description: 'Creates a customer',
  version: '1.0.0',
  scopes: ['read_write'],
  input: Input,
  output: z.object({ id: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { idempotency_key, ...customer } = data;
    try {
      const response = await nango.post({
        endpoint: '/v1/customers',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(idempotency_key !== undefined && { 'idempotency-key': idempotency_key }),
        },
        data: customer,
        retries: idempotency_key === undefined ? 0 : 3,
      });
      const { id, created } = Created.parse(response.data);
      return { id, created_at: new Date(created * 1000).toISOString() };
    } catch (error) {
      const problem = Problem.safeParse(refusalOf(error)?.data).data;
      throw problem === undefined ? error : new nango.ActionError(problem.error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
