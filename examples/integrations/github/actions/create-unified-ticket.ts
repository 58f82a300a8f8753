/** A unified ticket (`../../unified/ticket.ts`) becomes an issue; GitHub has no priorities, so that one is left out. Not retried: there would be two. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { CreatedTicket, NewTicket } from '../../unified/ticket.js';
import { repositoryName } from '../repositories.js';

const Input = NewTicket.extend({ collection_id: repositoryName });
const GithubIssue = z.object({ id: z.number(), number: z.number(), html_url: z.string() });

const action = createAction({
  description:
    'Creates an issue from a ticket in the shape that is the same for every provider; collection_id is the repository, as owner/name',
  version: '1.0.0',
  scopes: ['repo'],
  input: NewTicket,
  output: CreatedTicket,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { collection_id: repo, title, description, tags } = data;
    const issue = { title, body: description, labels: tags };
    const response = await orExplain(nango, nango.post({ endpoint: `/repos/${repo}/issues`, data: issue }), {
      404: `There is no repository ${repo}, or the connection may not write to it.`,
      410: `Issues are switched off in ${repo}.`,
    });
    const { id, number, html_url: url } = GithubIssue.parse(response.data);
    return { id: String(id), key: `${repo}#${number}`, url };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
