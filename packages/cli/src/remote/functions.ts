/** The functions that are deployed to an integration, all pages of them. */
import type { FunctionSummary } from '@bowline/api/integrations';
import { ask, type Remote } from './server.ts';

export const functionsOf = async (remote: Remote, integration: string): Promise<FunctionSummary[]> => {
  const found: FunctionSummary[] = [];
  for (let page = 0; ; page++) {
    const { data, pagination } = await ask(remote, (api) =>
      api.integrations.functions({ params: { uniqueKey: integration }, query: { page, limit: 100 } }),
    );
    found.push(...data);
    if (data.length === 0 || found.length >= pagination.total) return found;
  }
};
