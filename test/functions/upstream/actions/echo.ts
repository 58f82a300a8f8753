/** Gives back what it got. */
import { createAction } from 'bowline';
import { z } from 'zod';

const action = createAction({
  description: 'Echo',
  version: '1.0.0',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string(), connection: z.string() }),
  exec: async (nango, { text }) => ({ text, connection: nango.connectionId }),
});

export default action;
