/** Shared by the syncs of this integration: files outside `syncs/` and `actions/` are bundled into whichever function imports them. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Repository = z.object({ full_name: z.string(), has_issues: z.boolean() });
export type Repository = z.infer<typeof Repository>;

/** What actions take as the name of a repository: it becomes part of a path. */
export const repositoryName = z
  .string()
  .regex(/^[^/\s]+\/[^/\s]+$/, 'As owner/name')
  .describe('owner/name');

/** GitHub answers at most 100 items a page and names the next page in the `Link` header. */
export const byLink = { type: 'link', link_rel_in_response_header: 'next', limit_name_in_request: 'per_page', limit: 100 } as const;

/**
 * The repositories to read: all the user can see, or only those the connection's metadata names.
 * `nango` is typed as NangoAction, which every sync's `nango` is too.
 */
export const listRepositories = async (nango: NangoAction, only: readonly string[] = []): Promise<Repository[]> => {
  const repositories: Repository[] = [];
  for await (const page of nango.paginate({ endpoint: '/user/repos', params: { sort: 'full_name' }, paginate: byLink, retries: 3 })) {
    repositories.push(...z.array(Repository).parse(page));
  }
  return only.length === 0 ? repositories : repositories.filter(({ full_name }) => only.includes(full_name));
};
