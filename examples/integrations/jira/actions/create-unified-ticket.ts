/** A unified ticket (`../../unified/ticket.ts`) becomes an issue of type Task. Not retried: a second attempt would create a second issue. */
import { createAction } from 'bowline';
import { CreatedTicket, NewTicket } from '../../unified/ticket.js';
import { createIssue } from '../create.js';
import { documentOf } from '../document.js';
import { priorityNames } from '../tickets.js';

const action = createAction({
  description: 'Creates a task from a ticket in the shape that is the same for every provider; collection_id is the id of a project',
  version: '1.0.0',
  scopes: ['write:jira-work'],
  input: NewTicket,
  output: CreatedTicket,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: NewTicket, input });
    return await createIssue(nango, {
      project: { id: data.collection_id },
      issuetype: { name: 'Task' },
      summary: data.title,
      description: data.description === undefined ? undefined : documentOf(data.description),
      priority: data.priority && { name: priorityNames[data.priority] },
      // Jira's labels have no spaces.
      labels: data.tags?.map((tag) => tag.trim().replace(/\s+/g, '-')),
    });
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
