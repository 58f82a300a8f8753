/** Changes an issue: only the fields that are given. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { mutate } from '../graphql.js';

const Input = z
  .object({
    id: z.string().min(1).describe('Id or identifier, as ENG-12'),
    title: z.string().min(1).optional(),
    description: z.string().optional().describe('Markdown'),
    priority: z.number().int().min(0).max(4).optional().describe('0 none, 1 urgent, 2 high, 3 medium, 4 low'),
    state_id: z.string().optional().describe("Of the team's states, see the sync `teams`"),
    assignee_id: z.string().nullable().optional().describe('null takes the assignee away'),
  })
  .refine(
    ({ id: _id, ...changes }) => Object.values(changes).some((value) => value !== undefined),
    'Nothing to change: give at least one field.',
  );

const Updated = z.object({
  issueUpdate: z.object({
    issue: z.object({ id: z.string(), identifier: z.string(), title: z.string(), url: z.string(), state: z.object({ name: z.string() }) }),
  }),
});

const text = `mutation Update($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { issue { id identifier title url state { name } } }
}`;

const action = createAction({
  description: 'Changes the title, text, state, priority or assignee of an issue',
  version: '1.0.0',
  scopes: ['write'],
  input: Input,
  output: z.object({ id: z.string(), identifier: z.string(), title: z.string(), state: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { id, title, description, priority, state_id: stateId, assignee_id: assigneeId } = data;
    const changes = { title, description, priority, stateId, assigneeId };
    const { issueUpdate } = await mutate(nango, Updated, text, { id, input: changes });
    const { state, ...issue } = issueUpdate.issue;
    return { ...issue, state: state.name };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
