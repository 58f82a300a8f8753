/** Creates a candidate. Not retried: Ashby accepts a second one with the same address. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { call } from '../call.js';

const Input = z.object({
  name: z.string().min(1),
  email: z.email().optional(),
  phone: z.string().optional(),
  linkedin_url: z.url().optional(),
  source_id: z.uuid().optional().describe('A source of the account'),
});

const Created = z.object({ results: z.object({ id: z.string(), createdAt: z.string() }) });

const action = createAction({
  description: 'Creates a candidate',
  version: '1.0.0',
  input: Input,
  output: z.object({ id: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { name, email, phone: phoneNumber, linkedin_url: linkedInUrl, source_id: sourceId } = data;
    const { results } = Created.parse(await call(nango, 'candidate.create', { name, email, phoneNumber, linkedInUrl, sourceId }));
    return { id: results.id, created_at: results.createdAt };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
