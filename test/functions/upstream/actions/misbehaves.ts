/** Every way an action can go wrong by itself. */
import { createAction } from 'bowline';
import { z } from 'zod';

const action = createAction({
  description: 'Misbehaves',
  version: '1.0.0',
  input: z.object({ how: z.enum(['throw', 'refuse', 'loop', 'allocate', 'return much']) }),
  output: z.unknown(),
  exec: async (nango, { how }) => {
    await nango.log(`about to ${how}`);
    if (how === 'throw') throw new TypeError('cannot read the moon');
    if (how === 'refuse') throw new nango.ActionError({ reason: 'not today' });
    if (how === 'loop') for (let spins = 0; spins >= 0; spins = (spins + 1) % 1000) if (spins < 0) break;
    if (how === 'allocate')
      for (const held: string[][] = []; ; ) held.push(Array.from({ length: 100_000 }, (_, index) => `${held.length} ${index}`));
    return (
      'x'
        .repeat(2 ** 20)
        .concat('y')
        .repeat(500) + 'z'.repeat(2 ** 20).repeat(500)
    );
  },
});

export default action;
