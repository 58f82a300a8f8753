/** Creates an issue. Not retried: a second attempt after a lost answer would create a second issue. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { createIssue } from '../create.js';
import { documentOf } from '../document.js';

const Input = z.object({
  project: z.string().min(1).describe('Key of the project, as WEB'),
  summary: z.string().min(1).max(255),
  type: z.string().default('Task').describe('Name of the issue type, see the sync `projects`'),
  description: z.string().optional().describe('Plain text; an empty line begins a new paragraph'),
  priority: z.string().optional().describe('Name of the priority; the project must let it be set'),
  labels: z.array(z.string().regex(/^\S+$/, 'A label has no spaces')).optional(),
  assignee_id: z.string().optional().describe('Account id'),
  parent: z.string().optional().describe('Key of the parent or epic'),
});

const action = createAction({
  description: 'Creates an issue in a project',
  version: '1.0.0',
  scopes: ['write:jira-work'],
  input: Input,
  output: z.object({ id: z.string(), key: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    return await createIssue(nango, {
      project: { key: data.project },
      issuetype: { name: data.type },
      summary: data.summary,
      description: data.description === undefined ? undefined : documentOf(data.description),
      priority: data.priority === undefined ? undefined : { name: data.priority },
      labels: data.labels,
      assignee: data.assignee_id === undefined ? undefined : { accountId: data.assignee_id },
      parent: data.parent === undefined ? undefined : { key: data.parent },
    });
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
