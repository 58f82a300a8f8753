/** Adds text to the end of a page. Not retried: the text would be there twice. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { blocksMax, blocksOf } from '../blocks.js';

const Input = z
  .object({
    page_id: z.string().min(1),
    text: z.string().min(1).describe('A block for each line; #, ## and ### begin headings, - bullets'),
  })
  .refine(({ text }) => blocksOf(text).length <= blocksMax, `At most ${blocksMax} lines in a call.`);

const Added = z.object({ results: z.array(z.object({ id: z.string() })) });

const action = createAction({
  description: 'Adds text to the end of a page',
  version: '1.0.0',
  input: Input,
  output: z.object({ page_id: z.string(), blocks: z.number() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const endpoint = `/v1/blocks/${encodeURIComponent(data.page_id)}/children`;
    const response = await orExplain(nango, nango.patch({ endpoint, data: { children: blocksOf(data.text) } }), {
      404: `There is no page ${data.page_id}, or it was not shared with the app.`,
    });
    return { page_id: data.page_id, blocks: Added.parse(response.data).results.length };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
