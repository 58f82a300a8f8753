/** What the syncs of issues read, and how: `issues.ts` keeps Jira's shape, `unified-tickets.ts` makes tickets of it. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { siteOf } from './site.js';

const Person = z.object({ accountId: z.string(), displayName: z.string(), emailAddress: z.string().nullish() });

const JiraIssue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({
    summary: z.string(),
    description: z.unknown(),
    status: z.object({ name: z.string(), statusCategory: z.object({ key: z.string() }) }),
    issuetype: z.object({ name: z.string() }),
    priority: z.object({ name: z.string() }).nullish(),
    resolution: z.object({ name: z.string() }).nullish(),
    project: z.object({ id: z.string(), key: z.string(), name: z.string() }),
    parent: z.object({ key: z.string() }).nullish(),
    reporter: Person.nullish(),
    assignee: Person.nullish(),
    labels: z.array(z.string()),
    duedate: z.string().nullish(),
    created: z.string(),
    updated: z.string(),
    resolutiondate: z.string().nullish(),
  }),
});
export type JiraIssue = z.infer<typeof JiraIssue>;

const fields = Object.keys(JiraIssue.shape.fields.shape).join(',');

/** Enhanced search pages with a token; the provider's other lists count, which is the default in the catalogue. */
const byToken = {
  type: 'cursor',
  cursor_name_in_request: 'nextPageToken',
  cursor_path_in_response: 'nextPageToken',
  limit_name_in_request: 'maxResults',
  limit: 100,
  response_path: 'issues',
} as const;

const overlapMinutes = 5;

/**
 * The issues that changed since a run began, in pages. Times in JQL are in the time zone of the user and have no seconds; a number of minutes
 * back from now means the same everywhere.
 *
 * @param since of the checkpoint; undefined for everything
 * @param projects keys of the only projects to read
 */
export async function* changedIssues(nango: NangoAction, since: string | undefined, projects: readonly string[] = []) {
  const { api } = await siteOf(nango);
  const minutes = since === undefined ? undefined : Math.ceil((Date.now() - Date.parse(since)) / 60_000) + overlapMinutes;
  const conditions = [
    ...(projects.length > 0 ? [`project in (${projects.map((key) => JSON.stringify(key)).join(', ')})`] : []),
    // Jira refuses a search without any condition.
    minutes === undefined ? 'created >= "2000-01-01"' : `updated >= -${minutes}m`,
  ];
  // Oldest change first: an issue that changes while pages are read moves to the end and is met again.
  const jql = `${conditions.join(' AND ')} ORDER BY updated ASC`;
  for await (const page of nango.paginate({ endpoint: `${api}/search/jql`, params: { jql, fields }, paginate: byToken, retries: 3 })) {
    yield z.array(JiraIssue).parse(page);
  }
}

/** For the checkpoint, taken before the first page is asked for. */
export const checkpointNow = (): { since: string } => ({ since: new Date().toISOString() });
