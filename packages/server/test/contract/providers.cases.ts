import type { providers as contract } from '@bowline/api/providers';
import type { Cases } from './case.ts';

export const providers: Cases<typeof contract> = {
  list: { success: { query: { search: 'git' } } },
  get: {
    success: { params: { provider: 'github' }, query: {} },
    unknown_provider_template: { params: { provider: 'nobody' }, query: {} },
  },
};
