/**
 * Issues, incrementally: each run asks only for what changed since the last one began. What was deleted in Linear goes to its trash first,
 * which counts as a change, so that deletions are seen without reading everything.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { changedIssues, checkpointNow, type LinearIssue } from '../issues.js';

const Person = z.object({ id: z.string(), name: z.string(), email: z.string().nullable() });

const Issue = z.object({
  id: z.string(),
  identifier: z.string().describe('As ENG-12'),
  title: z.string(),
  description: z.string().nullable().describe('Markdown'),
  state: z.string().describe("The team's own name of it"),
  state_type: z.string().describe('triage, backlog, unstarted, started, completed or canceled'),
  priority: z.number().describe('0 none, 1 urgent, 2 high, 3 medium, 4 low'),
  estimate: z.number().nullable(),
  due_date: z.string().nullable(),
  team: z.object({ id: z.string(), key: z.string(), name: z.string() }),
  project: z.object({ id: z.string(), name: z.string() }).nullable(),
  creator: Person.nullable(),
  assignee: Person.nullable(),
  labels: z.array(z.string()),
  url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  completed_at: z.string().nullable(),
  canceled_at: z.string().nullable(),
  archived_at: z.string().nullable(),
});

const sync = createSync({
  description: 'Issues of all teams, or of the teams you choose, as they change; deletions included',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['read'],
  models: { Issue },
  metadata: z.object({
    /** Only these teams, by key, as ENG. After a change the app triggers the sync with `reset`. */
    teams: z.array(z.string()).optional(),
  }),
  checkpoint: z.object({ since: z.string() }),

  exec: async (nango) => {
    const { teams } = (await nango.getMetadata()) ?? {};
    const next = checkpointNow();
    for await (const { live, deleted } of changedIssues(nango, (await nango.getCheckpoint())?.since, teams)) {
      await nango.batchSave(live.map(toIssue), 'Issue');
      await nango.batchDelete(deleted, 'Issue');
    }
    await nango.saveCheckpoint(next);
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const toPerson = (person: LinearIssue['creator']): z.infer<typeof Person> | null =>
  person ? { id: person.id, name: person.name, email: person.email ?? null } : null;

const toIssue = (issue: LinearIssue): z.infer<typeof Issue> => ({
  id: issue.id,
  identifier: issue.identifier,
  title: issue.title,
  description: issue.description ?? null,
  state: issue.state.name,
  state_type: issue.state.type,
  priority: issue.priority,
  estimate: issue.estimate ?? null,
  due_date: issue.dueDate ?? null,
  team: issue.team,
  project: issue.project ?? null,
  creator: toPerson(issue.creator),
  assignee: toPerson(issue.assignee),
  labels: issue.labels.nodes.map(({ name }) => name),
  url: issue.url,
  created_at: issue.createdAt,
  updated_at: issue.updatedAt,
  completed_at: issue.completedAt ?? null,
  canceled_at: issue.canceledAt ?? null,
  archived_at: issue.archivedAt ?? null,
});
