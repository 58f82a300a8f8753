/** A unified ticket (`../../unified/ticket.ts`) becomes an issue. Not retried: a second attempt would create a second issue. */
import { createAction } from 'bowline';
import { CreatedTicket, NewTicket } from '../../unified/ticket.js';
import { createIssue, labelIds } from '../create.js';
import { priorities } from '../tickets.js';

const action = createAction({
  description: 'Creates an issue from a ticket in the shape that is the same for every provider; collection_id is the id of a team',
  version: '1.0.0',
  scopes: ['issues:create', 'read'],
  input: NewTicket,
  output: CreatedTicket,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: NewTicket, input });
    const ids = await labelIds(nango, data.tags ?? []);
    const { id, identifier, url } = await createIssue(nango, {
      teamId: data.collection_id,
      title: data.title,
      description: data.description,
      priority: data.priority && priorities.indexOf(data.priority),
      labelIds: ids.length > 0 ? ids : undefined,
    });
    return { id, key: identifier, url };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
