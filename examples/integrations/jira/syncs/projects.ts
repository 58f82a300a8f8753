/** Projects in full, deletions included: the search lists every project the customer can see. Archived and trashed ones are not among them. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { siteOf } from '../site.js';

const Project = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  type: z.string().describe('software, service_desk or business'),
  issue_types: z.array(z.object({ id: z.string(), name: z.string(), subtask: z.boolean() })),
});

const JiraProject = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  projectTypeKey: z.string(),
  issueTypes: z.array(z.object({ id: z.string(), name: z.string(), subtask: z.boolean() })),
});

const sync = createSync({
  description: 'Projects and the types an issue of theirs can have, deletions included',
  version: '1.0.0',
  frequency: 'every hour',
  autoStart: true,
  scopes: ['read:jira-work'],
  models: { Project },

  exec: async (nango) => {
    const { api } = await siteOf(nango);
    const params = { expand: 'issueTypes', orderBy: 'key' };
    await nango.trackDeletesStart('Project');
    // Pages as the catalogue says: counted by startAt, 50 at most.
    for await (const page of nango.paginate({ endpoint: `${api}/project/search`, params, paginate: { limit: 50 }, retries: 3 })) {
      const projects = z.array(JiraProject).parse(page);
      await nango.batchSave(
        projects.map(({ projectTypeKey, issueTypes, ...project }) => ({ ...project, type: projectTypeKey, issue_types: issueTypes })),
        'Project',
      );
    }
    await nango.trackDeletesEnd('Project');
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;
