/** What the syncs of issues read, and how: `issues.ts` keeps Linear's shape, `unified-tickets.ts` makes tickets of it. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { pages } from './graphql.js';

const Person = z.object({ id: z.string(), name: z.string(), email: z.string().nullish() });

const LinearIssue = z.object({
  id: z.string(),
  identifier: z.string(),
  title: z.string(),
  description: z.string().nullish(),
  priority: z.number(),
  priorityLabel: z.string(),
  estimate: z.number().nullish(),
  dueDate: z.string().nullish(),
  url: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  completedAt: z.string().nullish(),
  canceledAt: z.string().nullish(),
  archivedAt: z.string().nullish(),
  trashed: z.boolean().nullish(),
  state: z.object({ id: z.string(), name: z.string(), type: z.string() }),
  team: z.object({ id: z.string(), key: z.string(), name: z.string() }),
  project: z.object({ id: z.string(), name: z.string() }).nullish(),
  creator: Person.nullish(),
  assignee: Person.nullish(),
  labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }),
});
export type LinearIssue = z.infer<typeof LinearIssue>;

const text = `query Issues($after: String, $filter: IssueFilter) {
  page: issues(first: 50, after: $after, filter: $filter, orderBy: updatedAt, includeArchived: true) {
    nodes {
      id identifier title description priority priorityLabel estimate dueDate url createdAt updatedAt completedAt canceledAt archivedAt trashed
      state { id name type } team { id key name } project { id name }
      creator { id name email } assignee { id name email } labels(first: 20) { nodes { name } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

const overlapMs = 5 * 60_000;

/**
 * The issues that changed since a run began, in pages; the deleted ones apart. Linear keeps a deleted issue for two weeks, archived and
 * marked as trashed, which is why archived ones are asked for.
 *
 * @param since of the checkpoint; undefined for everything
 * @param teams keys of the only teams to read, as ENG
 */
export async function* changedIssues(nango: NangoAction, since: string | undefined, teams: readonly string[] = []) {
  const filter = {
    ...(since !== undefined && { updatedAt: { gte: since } }),
    ...(teams.length > 0 && { team: { key: { in: teams } } }),
  };
  for await (const page of pages(nango, LinearIssue, text, { filter })) {
    yield { live: page.filter(({ trashed }) => !trashed), deleted: page.flatMap(({ id, trashed }) => (trashed ? [{ id }] : [])) };
  }
}

/** For the checkpoint: when the run began, less an overlap for clocks that differ. Taken before the first page is asked for. */
export const checkpointNow = (): { since: string } => ({ since: new Date(Date.now() - overlapMs).toISOString() });
