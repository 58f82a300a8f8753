/** Comments on an issue. Not retried: the comment would appear twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { documentOf } from '../document.js';
import { siteOf } from '../site.js';

const Input = z.object({
  issue: z.string().min(1).describe('Key or id, as WEB-12'),
  body: z.string().min(1).describe('Plain text; an empty line begins a new paragraph'),
});

const Comment = z.object({ id: z.string(), created: z.string() });

const action = createAction({
  description: 'Comments on an issue',
  version: '1.0.0',
  scopes: ['write:jira-work'],
  input: Input,
  output: z.object({ id: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { api } = await siteOf(nango);
    const endpoint = `${api}/issue/${encodeURIComponent(data.issue)}/comment`;
    const response = await orExplain(nango, nango.post({ endpoint, data: { body: documentOf(data.body) } }), {
      404: `There is no issue ${data.issue}, or the connection may not see it.`,
    });
    const { id, created } = Comment.parse(response.data);
    return { id, created_at: created };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
