import type { environment as contract } from '@bowline/api/environment';
import type { Cases } from './case.ts';

export const environment: Cases<typeof contract> = {
  variables: { success: { query: {} } },
  rotateSigningKey: { success: { query: {} } },
  health: { success: {} },
};
