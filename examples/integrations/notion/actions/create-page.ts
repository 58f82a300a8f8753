/** Creates a page below another one, or a row of a database. Not retried: a second attempt after a lost answer would create a second one. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { blocksMax, blocksOf } from '../blocks.js';

const Input = z
  .object({
    parent_page_id: z.string().optional(),
    database_id: z.string().optional(),
    title: z.string().min(1).max(2000),
    title_column: z.string().default('Name').describe('Of a database: what its title column is called'),
    properties: z.record(z.string(), z.unknown()).optional().describe("Of a database: other columns, in Notion's own form"),
    text: z.string().optional().describe('A block for each line; #, ## and ### begin headings, - bullets'),
  })
  .refine(
    (input) => (input.parent_page_id === undefined) !== (input.database_id === undefined),
    'Give parent_page_id or database_id, not both.',
  )
  .refine(({ text = '' }) => blocksOf(text).length <= blocksMax, `At most ${blocksMax} lines; add more with append-to-page.`);

const Created = z.object({ id: z.string(), url: z.string() });

const action = createAction({
  description: 'Creates a page below another one, or a row of a database',
  version: '1.0.0',
  input: Input,
  output: z.object({ id: z.string(), url: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { parent_page_id: page, database_id: database, title, title_column: column, properties, text } = data;
    const named = { title: [{ text: { content: title } }] };
    const call = nango.post({
      endpoint: '/v1/pages',
      data: {
        parent: database === undefined ? { page_id: page } : { database_id: database },
        properties: database === undefined ? { title: named } : { ...properties, [column]: named },
        ...(text !== undefined && { children: blocksOf(text) }),
      },
    });
    const response = await orExplain(nango, call, {
      400: 'Notion refused the page: a column does not exist in the database, or a value has another form.',
      404: `There is no ${database === undefined ? `page ${page}` : `database ${database}`}, or it was not shared with the app.`,
    });
    return Created.parse(response.data);
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
