/** The files a pull request changes, read when they are needed: GitHub tells at most 3,000, which is why they are not synced. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { byLink, repositoryName } from '../repositories.js';

const Input = z.object({ repo: repositoryName, number: z.number().int().positive() });

const File = z.object({
  path: z.string(),
  status: z.string().describe('added, modified, removed or renamed'),
  additions: z.number(),
  deletions: z.number(),
  patch: z.string().nullable().describe('The difference; null for a file that is binary or too large'),
});

const GithubFile = z.object({
  filename: z.string(),
  status: z.string(),
  additions: z.number(),
  deletions: z.number(),
  patch: z.string().nullish(),
});

const action = createAction({
  description: 'The files a pull request changes, with their differences',
  version: '1.0.0',
  scopes: ['repo'],
  input: Input,
  output: z.object({ files: z.array(File) }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const endpoint = `/repos/${data.repo}/pulls/${data.number}/files`;
    const read = async (): Promise<z.infer<typeof GithubFile>[]> => {
      const files = [];
      for await (const page of nango.paginate({ endpoint, paginate: byLink, retries: 3 })) files.push(...z.array(GithubFile).parse(page));
      return files;
    };
    const files = await orExplain(nango, read(), {
      404: `There is no pull request ${data.number} in ${data.repo}, or the connection may not see it.`,
    });
    return { files: files.map(({ filename, patch, ...file }) => ({ path: filename, ...file, patch: patch ?? null })) };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
