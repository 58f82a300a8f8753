/** One request with the connection's credentials. */
import { createAction } from 'bowline';
import { z } from 'zod';

const action = createAction({
  description: 'Request',
  version: '1.0.0',
  input: z.object({ path: z.string(), retries: z.number() }),
  output: z.unknown(),
  exec: async (nango, { path, retries }) => (await nango.get({ endpoint: path, retries })).data,
});

export default action;
