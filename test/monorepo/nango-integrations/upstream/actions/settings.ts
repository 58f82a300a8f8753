import { createAction } from 'nango';
import { z } from 'zod';

const action = createAction({
  description: 'The same name as the sync',
  input: z.void(),
  output: z.record(z.string(), z.unknown()),
  endpoint: { method: 'GET', path: '/settings/now' },
  exec: async () => ({ currency: 'EUR' }),
});

export default action;
export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
