/**
 * Repositories in full, deletions included: the list is complete, so what is no longer on it was deleted or taken out of the user's reach.
 * Counters as stars and the time of the last push are left out on purpose: they change all the time, and each change would be a record updated.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { byLink } from '../repositories.js';

const Repository = z.object({
  id: z.string(),
  name: z.string().describe('owner/name'),
  owner: z.string(),
  description: z.string().nullable(),
  private: z.boolean(),
  fork: z.boolean(),
  archived: z.boolean(),
  default_branch: z.string(),
  language: z.string().nullable(),
  topics: z.array(z.string()),
  created_at: z.string(),
  url: z.string(),
});

const GithubRepository = z.object({
  id: z.number(),
  full_name: z.string(),
  owner: z.object({ login: z.string() }),
  description: z.string().nullish(),
  private: z.boolean(),
  fork: z.boolean(),
  archived: z.boolean().nullish(),
  default_branch: z.string(),
  language: z.string().nullish(),
  topics: z.array(z.string()).nullish(),
  created_at: z.string(),
  html_url: z.string(),
});

const sync = createSync({
  description: 'Repositories the user can see, deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['repo'],
  models: { Repository },

  exec: async (nango) => {
    await nango.trackDeletesStart('Repository');
    const params = { sort: 'full_name' };
    for await (const page of nango.paginate({ endpoint: '/user/repos', params, paginate: byLink, retries: 3 })) {
      await nango.batchSave(z.array(GithubRepository).parse(page).map(toRepository), 'Repository');
    }
    await nango.trackDeletesEnd('Repository');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toRepository = (repository: z.infer<typeof GithubRepository>): z.infer<typeof Repository> => ({
  id: String(repository.id),
  name: repository.full_name,
  owner: repository.owner.login,
  description: repository.description ?? null,
  private: repository.private,
  fork: repository.fork,
  archived: repository.archived ?? false,
  default_branch: repository.default_branch,
  language: repository.language ?? null,
  topics: repository.topics ?? [],
  created_at: repository.created_at,
  url: repository.html_url,
});
