import type { AllCases } from './case.ts';

export const webhooks: AllCases['webhooks'] = {
  stream: {
    success: { query: { after: '0' }, headers: {} },
    unknown_provider_config: { query: { integration: ['none'] }, headers: {} },
  },
};
