/** Changes, closes or reopens an issue. Labels and assignees replace those there are; a repeated call changes nothing more, so it is retried. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { repositoryName } from '../repositories.js';

const Input = z
  .object({
    repo: repositoryName,
    number: z.number().int().positive(),
    title: z.string().min(1).optional(),
    body: z.string().optional().describe('Markdown'),
    state: z.enum(['open', 'closed']).optional(),
    state_reason: z.enum(['completed', 'not_planned', 'reopened']).optional().describe('With state'),
    labels: z.array(z.string()).optional().describe('All of them: those left out are taken away'),
    assignees: z.array(z.string()).optional().describe('All of them, by login'),
  })
  .refine(
    ({ repo: _repo, number: _number, ...changes }) => Object.values(changes).some((value) => value !== undefined),
    'Nothing to change: give at least one field.',
  );

const GithubIssue = z.object({ id: z.number(), number: z.number(), html_url: z.string(), state: z.string(), title: z.string() });

const action = createAction({
  description: 'Changes an issue: its title, text, labels or assignees; closes or reopens it',
  version: '1.0.0',
  scopes: ['repo'],
  input: Input,
  output: z.object({ id: z.string(), number: z.number(), title: z.string(), state: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { repo, number, ...changes } = data;
    const response = await orExplain(nango, nango.patch({ endpoint: `/repos/${repo}/issues/${number}`, data: changes, retries: 3 }), {
      404: `There is no issue ${number} in ${repo}, or the connection may not see it.`,
      410: `Issue ${number} of ${repo} was deleted.`,
      422: `GitHub refused the change of ${repo}#${number}: a label, an assignee or the state is not one it accepts.`,
    });
    const { id, html_url: url, ...issue } = GithubIssue.parse(response.data);
    return { id: String(id), url, ...issue };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
