/** Comments on an issue. Not retried: the comment would appear twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { mutate } from '../graphql.js';

const Input = z.object({
  issue_id: z.string().min(1).describe('Id or identifier, as ENG-12'),
  body: z.string().min(1).describe('Markdown'),
});

const Created = z.object({ commentCreate: z.object({ comment: z.object({ id: z.string(), url: z.string().nullish() }) }) });

const text = `mutation Comment($input: CommentCreateInput!) {
  commentCreate(input: $input) { comment { id url } }
}`;

const action = createAction({
  description: 'Comments on an issue',
  version: '1.0.0',
  scopes: ['comments:create'],
  input: Input,
  output: z.object({ id: z.string(), url: z.string().nullable() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { commentCreate } = await mutate(nango, Created, text, { input: { issueId: data.issue_id, body: data.body } });
    return { id: commentCreate.comment.id, url: commentCreate.comment.url ?? null };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
