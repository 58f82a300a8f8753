/**
 * Where the site of a connection is. With OAuth every request goes to api.atlassian.com and names the site by its cloud id, which the platform
 * found out when the customer connected.
 */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Config = z.object({ cloudId: z.string(), baseUrl: z.string() });

/** `api`: the path all of Jira's REST API lies below. `browse`: the address of an issue, for people. */
export const siteOf = async (nango: NangoAction): Promise<{ api: string; browse: (key: string) => string }> => {
  const { connection_config } = await nango.getConnection();
  const config = Config.safeParse(connection_config);
  if (!config.success) {
    throw new nango.ActionError({ message: 'The connection does not say which Jira site it is for. Let the customer connect again.' });
  }
  const { cloudId, baseUrl } = config.data;
  return { api: `/ex/jira/${cloudId}/rest/api/3`, browse: (key) => `${baseUrl.replace(/\/$/, '')}/browse/${key}` };
};
