/** Creates an issue. Not retried: a second attempt after a lost answer would create a second issue. */
import { createAction } from 'bowline';
import { z } from 'zod';

const Input = z.object({
  repo: z
    .string()
    .regex(/^[^/\s]+\/[^/\s]+$/)
    .describe('owner/name'),
  title: z.string().min(1),
  body: z.string().optional(),
  labels: z.array(z.string()).optional(),
});

const GithubIssue = z.object({ id: z.number(), number: z.number(), html_url: z.string(), state: z.string() });

const action = createAction({
  description: 'Creates an issue in a repository',
  version: '1.0.0',
  scopes: ['repo'],
  input: Input,
  output: z.object({ id: z.string(), number: z.number(), url: z.string(), state: z.string() }),

  exec: async (nango, input) => {
    // The caller is told what is wrong with its input, as an ActionError, before anything is sent.
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { repo, ...issue } = data;
    const response = await nango.post({ endpoint: `/repos/${repo}/issues`, data: issue });
    const created = GithubIssue.parse(response.data);
    return { id: String(created.id), number: created.number, url: created.html_url, state: created.state };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
