/**
 * Jira and Confluence: a person may have several sites; the one whose subdomain was asked for is taken, else one whose name holds it,
 * else the first.
 */
import { digList, digText } from '../dig.ts';
import type { Api, Quirk } from './quirk.ts';

const ATLASSIAN = 'https://api.atlassian.com';

export const jira: Quirk = {
  afterConnect: async (api) => {
    const sites = digList(await api.request(`${ATLASSIAN}/oauth/token/accessible-resources`)).map((site) => ({
      cloudId: digText(site, 'id') ?? '',
      baseUrl: digText(site, 'url') ?? '',
      name: digText(site, 'name') ?? '',
      scopes: digList(site, 'scopes').map(String),
    }));
    const wanted = digText(api.access.connectionConfig, 'subdomain')?.toLowerCase();
    const exact = sites.find(({ baseUrl }) => wanted !== undefined && URL.parse(baseUrl)?.host.split('.')[0]?.toLowerCase() === wanted);
    const site = exact ?? sites.find(({ name }) => wanted !== undefined && name.toLowerCase().includes(wanted)) ?? sites[0];
    if (!site) return {};
    const { cloudId, baseUrl, scopes } = site;
    return { config: { cloudId, baseUrl, accountId: await personAt(api, cloudId, scopes) }, account: cloudId };
  },
};

/** Of either product, whose scopes tell which it is; not every grant may read it. */
async function personAt({ request }: Api, cloudId: string, scopes: readonly string[]): Promise<string | undefined> {
  const isConfluence = scopes.length > 0 && scopes.every((scope) => scope.includes('confluence'));
  const path = isConfluence ? `/ex/confluence/${cloudId}/wiki/rest/api/user/current` : `/ex/jira/${cloudId}/rest/api/3/myself`;
  try {
    return digText(await request(ATLASSIAN + path), 'accountId');
  } catch {
    return undefined;
  }
}
