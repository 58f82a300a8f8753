/**
 * Issues, incrementally: each run asks only for what changed since the last one began.
 *
 * A deleted issue simply is in no search any more, and Jira keeps no list of them. An app that must know subscribes to Jira's webhook
 * `jira:issue_deleted`, or triggers the sync with `reset` and `emptyCache` once in a while.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { textOf } from '../document.js';
import { changedIssues, checkpointNow, type JiraIssue } from '../issues.js';
import { siteOf } from '../site.js';

const Person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable().describe('null unless the person shows it to all'),
});

const Issue = z.object({
  id: z.string(),
  key: z.string().describe('As WEB-12; it changes when the issue is moved to another project'),
  project: z.object({ id: z.string(), key: z.string(), name: z.string() }),
  type: z.string(),
  summary: z.string(),
  description: z.string().nullable().describe('The words of it, as plain text'),
  status: z.string(),
  status_category: z.string().describe('new, indeterminate or done: the same on every site, unlike the names of statuses'),
  priority: z.string().nullable(),
  resolution: z.string().nullable(),
  parent_key: z.string().nullable(),
  reporter: Person.nullable(),
  assignee: Person.nullable(),
  labels: z.array(z.string()),
  due_date: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  resolved_at: z.string().nullable(),
  url: z.string(),
});

const sync = createSync({
  description: 'Issues of all projects, or of the projects you choose, as they change',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['read:jira-work'],
  models: { Issue },
  metadata: z.object({
    /** Only these projects, by key, as WEB. After a change the app triggers the sync with `reset`. */
    projects: z.array(z.string()).optional(),
  }),
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { projects } = (await nango.getMetadata()) ?? {};
    const { browse } = await siteOf(nango);
    const next = checkpointNow();
    for await (const page of changedIssues(nango, (await nango.getCheckpoint())?.since, projects)) {
      await nango.batchSave(
        page.map((issue) => toIssue(issue, browse(issue.key))),
        'Issue',
      );
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toPerson = (person: JiraIssue['fields']['assignee']): z.infer<typeof Person> | null =>
  person ? { id: person.accountId, name: person.displayName, email: person.emailAddress ?? null } : null;

const toIssue = ({ id, key, fields }: JiraIssue, url: string): z.infer<typeof Issue> => ({
  id,
  key,
  project: fields.project,
  type: fields.issuetype.name,
  summary: fields.summary,
  description: textOf(fields.description),
  status: fields.status.name,
  status_category: fields.status.statusCategory.key,
  priority: fields.priority?.name ?? null,
  resolution: fields.resolution?.name ?? null,
  parent_key: fields.parent?.key ?? null,
  reporter: toPerson(fields.reporter),
  assignee: toPerson(fields.assignee),
  labels: fields.labels,
  due_date: fields.duedate ?? null,
  created_at: fields.created,
  updated_at: fields.updated,
  resolved_at: fields.resolutiondate ?? null,
  url,
});
