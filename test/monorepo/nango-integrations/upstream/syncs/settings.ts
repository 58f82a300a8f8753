import { createSync } from 'nango';
import { z } from 'zod';

export default createSync({
  description: 'Settings, as a sync and as an action of one name',
  frequency: 'every half day',
  autoStart: true,
  syncType: 'full',
  endpoints: [{ method: 'GET', path: '/settings', group: 'Settings' }],
  models: { Setting: z.object({ id: z.string(), value: z.union([z.string(), z.number(), z.null()]) }) },
  exec: async (nango) => {
    await nango.batchSave(
      [
        { id: 'currency', value: 'EUR' },
        { id: 'size', value: 5 },
      ],
      'Setting',
    );
  },
});
