/** Issues as unified tickets (`../../unified/ticket.ts`), incrementally; `issues.ts` says why the checkpoint and the order are what they are. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Ticket, utc } from '../../unified/ticket.js';
import { byLink, listRepositories } from '../repositories.js';

const User = z.object({ id: z.number(), login: z.string() });

const GithubIssue = z.object({
  id: z.number(),
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']),
  state_reason: z.string().nullish(),
  user: User.nullable(),
  assignee: User.nullish(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  created_at: z.string(),
  updated_at: z.string(),
  closed_at: z.string().nullable(),
  html_url: z.string(),
  pull_request: z.unknown().optional(),
});

const overlapMs = 5 * 60_000;

const sync = createSync({
  description: 'Issues as tickets in the shape that is the same for every provider',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['repo'],
  models: { Ticket },
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since;
    const began = Date.now();
    for (const { full_name: repo, has_issues } of await listRepositories(nango)) {
      if (!has_issues) continue;
      const params = { state: 'all', sort: 'updated', direction: 'desc', ...(since !== undefined && { since }) };
      for await (const page of nango.paginate({ endpoint: `/repos/${repo}/issues`, params, paginate: byLink, retries: 3 })) {
        const issues = z
          .array(GithubIssue)
          .parse(page)
          .filter((issue) => !issue.pull_request); // GitHub lists pull requests as issues.
        await nango.batchSave(
          issues.map((issue) => toTicket(issue, repo)),
          'Ticket',
        );
      }
    }
    await nango.saveCheckpoint({ since: new Date(began - overlapMs).toISOString() });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toPerson = (user: z.infer<typeof User> | null | undefined): Ticket['assignee'] =>
  user ? { id: String(user.id), name: user.login, email: null } : null;

/** GitHub has no priorities, and knows open and closed; why it was closed says whether it was done. */
const toTicket = (issue: z.infer<typeof GithubIssue>, repo: string): Ticket => {
  const { state, state_reason: reason } = issue;
  const givenUp = reason === 'not_planned' || reason === 'duplicate';
  return {
    id: String(issue.id),
    key: `${repo}#${issue.number}`,
    title: issue.title,
    description: issue.body ?? null,
    status: state === 'open' ? 'open' : givenUp ? 'cancelled' : 'done',
    status_raw: state === 'closed' && reason ? `closed: ${reason}` : state,
    priority: null,
    priority_raw: null,
    collection_id: repo,
    collection_name: repo,
    requester: toPerson(issue.user),
    assignee: toPerson(issue.assignee),
    tags: issue.labels.flatMap((label) => (typeof label === 'string' ? label : (label.name ?? []))),
    url: issue.html_url,
    created_at: utc(issue.created_at),
    updated_at: utc(issue.updated_at),
    closed_at: issue.closed_at ? utc(issue.closed_at) : null,
  };
};
