/**
 * Pull requests, incrementally. Unlike issues, GitHub cannot be asked for those changed since a time; they are read newest change first, until
 * one is older than the last run. Nobody can delete a pull request, so there are no deletions to look for.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { byLink, listRepositories } from '../repositories.js';

const PullRequest = z.object({
  id: z.string(),
  number: z.number(),
  repo: z.string(),
  title: z.string(),
  body: z.string().nullable(),
  state: z.enum(['open', 'closed', 'merged']),
  draft: z.boolean(),
  author: z.string().nullable(),
  reviewers: z.array(z.string()).describe('Who was asked and has not answered yet'),
  labels: z.array(z.string()),
  base: z.string().describe('The branch it goes into'),
  head: z.string().describe('The branch it comes from, as owner:branch'),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  merged_at: z.string().nullable(),
  url: z.string(),
});

const User = z.object({ login: z.string() });
const Branch = z.object({ ref: z.string(), label: z.string().nullish() });

const GithubPullRequest = z.object({
  id: z.number(),
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().nullish(),
  user: User.nullable(),
  requested_reviewers: z.array(User).nullish(),
  labels: z.array(z.object({ name: z.string() })),
  base: Branch,
  head: Branch,
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  merged_at: z.string().nullable(),
  html_url: z.string(),
});

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Pull requests of all repositories the user can see, as they change',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['repo'],
  models: { PullRequest },
  metadata: z.object({
    /** Only these repositories, as `owner/name`. */
    repos: z.array(z.string()).optional(),
  }),
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { repos } = (await nango.getMetadata()) ?? {};
    const checkpoint = await nango.getCheckpoint();
    const since = checkpoint ? Date.parse(checkpoint.since) : 0;
    const began = Date.now();

    for (const { full_name: repo } of await listRepositories(nango, repos)) {
      const params = { state: 'all', sort: 'updated', direction: 'desc' };
      for await (const page of nango.paginate({ endpoint: `/repos/${repo}/pulls`, params, paginate: byLink, retries: 3 })) {
        const pulls = z.array(GithubPullRequest).parse(page);
        const changed = pulls.filter(({ updated_at }) => Date.parse(updated_at) >= since);
        await nango.batchSave(
          changed.map((pull) => toPullRequest(pull, repo)),
          'PullRequest',
        );
        if (changed.length < pulls.length) break;
      }
    }
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toPullRequest = (pull: z.infer<typeof GithubPullRequest>, repo: string): z.infer<typeof PullRequest> => ({
  id: String(pull.id),
  number: pull.number,
  repo,
  title: pull.title,
  body: pull.body ?? null,
  state: pull.merged_at ? 'merged' : pull.state,
  draft: pull.draft ?? false,
  author: pull.user?.login ?? null,
  reviewers: (pull.requested_reviewers ?? []).map(({ login }) => login),
  labels: pull.labels.map(({ name }) => name),
  base: pull.base.ref,
  head: pull.head.label ?? pull.head.ref,
  created_at: pull.created_at,
  updated_at: pull.updated_at,
  closed_at: pull.closed_at,
  merged_at: pull.merged_at,
  url: pull.html_url,
});
