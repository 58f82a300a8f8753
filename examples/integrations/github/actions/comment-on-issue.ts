/** Comments on an issue or a pull request, which to GitHub is an issue too. Not retried: the comment would appear twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { repositoryName } from '../repositories.js';

const Input = z.object({
  repo: repositoryName,
  number: z.number().int().positive(),
  body: z.string().min(1).describe('Markdown'),
});

const Comment = z.object({ id: z.number(), html_url: z.string() });

const action = createAction({
  description: 'Comments on an issue or a pull request',
  version: '1.0.0',
  scopes: ['repo'],
  input: Input,
  output: z.object({ id: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { repo, number, body } = data;
    const response = await orExplain(nango, nango.post({ endpoint: `/repos/${repo}/issues/${number}/comments`, data: { body } }), {
      403: `Comments on ${repo}#${number} are locked, or the connection may not write there.`,
      404: `There is no issue ${number} in ${repo}, or the connection may not see it.`,
    });
    const { id, html_url: url } = Comment.parse(response.data);
    return { id: String(id), url };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
