/** Which connections to list, and how that is said in the query. Pure. */
import type { Query } from './transport.ts';

/**
 * All of it must hold.
 *
 * @example
 * import type { ConnectionFilter } from '@bowline/node';
 * const ofTeam: ConnectionFilter = { integrationId: ['github', 'slack'], tags: { team: 'blue' }, limit: 100 };
 * const { connections } = await client.listConnections(ofTeam);
 */
export type ConnectionFilter = {
  connectionId?: string | undefined;
  /** Id of the end user. */
  userId?: string | undefined;
  /** One integration or several. */
  integrationId?: string | readonly string[] | undefined;
  /** `displayName` and `email` are the end user's; other names are tags, in any case. */
  tags?: { readonly [name: string]: string | undefined } | undefined;
  limit?: number | undefined;
  /** Begins with 0. */
  page?: number | undefined;
};
/**
 * What the positional form takes as its third argument.
 *
 * @example
 * import type { OlderFilter } from '@bowline/node';
 * const ofOrganization: OlderFilter = { endUserOrganizationId: 'acme' };
 * const { connections } = await client.listConnections(undefined, undefined, ofOrganization);
 */
export type OlderFilter = {
  endUserId?: string | undefined;
  endUserOrganizationId?: string | undefined;
  integrationId?: string | readonly string[] | undefined;
  tags?: { readonly [name: string]: string | undefined } | undefined;
  limit?: number | undefined;
  page?: number | undefined;
};
type All = ConnectionFilter & OlderFilter & { search?: string | undefined };

const ofEndUser: { readonly [name: string]: string } = { displayName: 'end_user_display_name', email: 'end_user_email' };

export function filterQuery(filter: All): Query {
  const keys = [filter.integrationId ?? []].flat();
  const tags = Object.entries(filter.tags ?? {}).map(([name, value]) => [`tags[${ofEndUser[name] ?? name.toLowerCase()}]`, value]);
  return {
    connectionId: filter.connectionId || undefined,
    search: filter.search || undefined,
    endUserId: filter.userId || filter.endUserId || undefined,
    endUserOrganizationId: filter.endUserOrganizationId || undefined,
    integrationId: keys.length > 0 ? keys.join(',') : undefined,
    limit: filter.limit || undefined,
    page: filter.page || undefined,
    ...Object.fromEntries(tags),
  };
}
