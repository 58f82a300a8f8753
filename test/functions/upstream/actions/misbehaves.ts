/** Every way an action can go wrong by itself. */
import { createAction } from 'bowline';
import { z } from 'zod';

const action = createAction({
  description: 'Misbehaves',
  version: '1.0.0',
  input: z.object({ how: z.enum(['throw', 'refuse', 'allocate', 'return 1 GB', 'return 3 MB']) }),
  output: z.unknown(),
  exec: async (nango, { how }) => {
    await nango.log(`about to ${how}`);
    if (how === 'throw') throw new TypeError('cannot read the moon');
    if (how === 'refuse') throw new nango.ActionError({ reason: 'not today' });
    if (how === 'allocate')
      for (const held: string[][] = []; ; ) held.push(Array.from({ length: 100_000 }, (_, index) => `${held.length} ${index}`));
    const megabytes = how === 'return 1 GB' ? 1024 : 3;
    return Array.from({ length: megabytes }, () => 'x'.repeat(2 ** 20));
  },
});

export default action;
