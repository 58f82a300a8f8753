/** Creates an issue. Not retried: a second attempt after a lost answer would create a second issue. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { createIssue, labelIds } from '../create.js';

const Input = z.object({
  team_id: z.string().min(1).describe('Of the sync `teams`'),
  title: z.string().min(1),
  description: z.string().optional().describe('Markdown'),
  priority: z.number().int().min(0).max(4).optional().describe('0 none, 1 urgent, 2 high, 3 medium, 4 low'),
  state_id: z.string().optional().describe("Of the team's states; left out, the team's default"),
  assignee_id: z.string().optional(),
  project_id: z.string().optional(),
  labels: z.array(z.string()).optional().describe('By name; they must exist'),
  due_date: z.iso.date().optional(),
});

const action = createAction({
  description: 'Creates an issue in a team',
  version: '1.0.0',
  scopes: ['issues:create', 'read'],
  input: Input,
  output: z.object({ id: z.string(), identifier: z.string(), title: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const ids = await labelIds(nango, data.labels ?? []);
    return await createIssue(nango, {
      teamId: data.team_id,
      title: data.title,
      description: data.description,
      priority: data.priority,
      stateId: data.state_id,
      assigneeId: data.assignee_id,
      projectId: data.project_id,
      labelIds: ids.length > 0 ? ids : undefined,
      dueDate: data.due_date,
    });
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
