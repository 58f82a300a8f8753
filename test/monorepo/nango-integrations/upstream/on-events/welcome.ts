import { createOnEvent } from 'nango';
import { z } from 'zod';

export default createOnEvent({
  description: 'Greets a new connection',
  version: '1.0.0',
  event: 'post-connection-creation',
  metadata: z.object({ welcomed: z.boolean().optional() }),
  exec: async (nango) => {
    await nango.updateMetadata({ welcomed: true });
  },
});
