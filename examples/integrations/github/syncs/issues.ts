/**
 * Issues, incrementally: each run asks only for what changed since the last one began.
 *
 * The checkpoint is the time at which a run began, less an overlap for clocks that differ, and is saved once every repository has been
 * read. Not the newest `updated_at` seen: an issue of the first repository can change while the last one is being read, and would be skipped.
 * Reading a few issues twice is harmless, unchanged ones are recognised.
 *
 * GitHub's API cannot delete an issue, so nothing has to be looked for that is no longer there; `labels.ts` shows how that is done.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { byLink, listRepositories } from '../repositories.js';

const Issue = z.object({
  id: z.string(),
  number: z.number(),
  repo: z.string(),
  title: z.string(),
  body: z.string().nullable(),
  state: z.string(),
  author: z.string().nullable(),
  assignees: z.array(z.string()),
  labels: z.array(z.string()),
  comments: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  url: z.string(),
  /** What the customer's field mapping adds: see `metadata` below. */
  fields: z.record(z.string(), z.string().nullable()),
});
type Issue = z.infer<typeof Issue>;

const overlapMs = 5 * 60_000;

/** The part of GitHub's answer that is read. Parsing it turns a surprise upstream into a clear error in the activity log. */
const GithubIssue = z.looseObject({
  id: z.number(),
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  user: z.object({ login: z.string() }).nullable(),
  assignees: z.array(z.object({ login: z.string() })).nullish(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  comments: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  html_url: z.string(),
  pull_request: z.unknown().optional(),
});

const sync = createSync({
  description: 'Issues of all repositories the user can see, as they change',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['repo'],
  models: { Issue },
  // All optional: a connection works before the app has stored anything on it.
  metadata: z.object({
    /** Only these repositories, as `owner/name`. */
    repos: z.array(z.string()).optional(),
    /**
     * Field mapping: the app's field → a field of GitHub's issue, as `{ "why_closed": "state_reason" }`.
     * After a change the app triggers the sync with `reset`, so that issues already saved are read again.
     */
    fieldMapping: z.record(z.string(), z.string()).optional(),
  }),
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { repos, fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();

    for (const { full_name: repo, has_issues } of await listRepositories(nango, repos)) {
      if (!has_issues) continue;
      const pages = nango.paginate({
        endpoint: `/repos/${repo}/issues`,
        // Newest change first: an issue that changes while pages are read moves to the front, pushing the others back, so none slips
        // between two pages; the changed one itself is read by the next run. Oldest first, the others would move up and one be skipped.
        params: { state: 'all', sort: 'updated', direction: 'desc', ...(since !== undefined && { since }) },
        paginate: byLink,
        retries: 3,
      });
      for await (const page of pages) {
        const issues = z
          .array(GithubIssue)
          .parse(page)
          .filter((issue) => !issue.pull_request) // GitHub lists pull requests as issues.
          .map((issue) => toIssue(issue, repo, fieldMapping));
        await nango.batchSave(issues, 'Issue');
      }
    }
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toIssue = (issue: z.infer<typeof GithubIssue>, repo: string, fieldMapping: Record<string, string>): Issue => ({
  id: String(issue.id),
  number: issue.number,
  repo,
  title: issue.title,
  body: issue.body ?? null,
  state: issue.state,
  author: issue.user?.login ?? null,
  assignees: (issue.assignees ?? []).map(({ login }) => login),
  labels: issue.labels.map((label) => (typeof label === 'string' ? label : (label.name ?? ''))),
  comments: issue.comments,
  created_at: issue.created_at,
  updated_at: issue.updated_at,
  closed_at: issue.closed_at,
  url: issue.html_url,
  fields: Object.fromEntries(Object.entries(fieldMapping).map(([ours, theirs]) => [ours, asText(issue[theirs])])),
});

const asText = (value: unknown): string | null =>
  value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
