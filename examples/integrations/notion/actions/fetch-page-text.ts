/** The text of a page, read when it is needed: Notion has no way to ask for a page as a whole, each level of blocks is a list of its own. */
import { createAction, type NangoAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { textOf } from '../content.js';

const Input = z.object({ page_id: z.string().min(1) });
const Block = z.looseObject({ id: z.string(), type: z.string(), has_children: z.boolean() });

/** Deeper than people write, and an end for pages that contain themselves through synced blocks. */
const depthMax = 5;
/** Pages below this one have texts of their own. */
const apart = new Set(['child_page', 'child_database']);
const marks: Readonly<Record<string, string>> = {
  heading_1: '# ',
  heading_2: '## ',
  heading_3: '### ',
  bulleted_list_item: '- ',
  numbered_list_item: '- ',
  to_do: '- ',
};

const action = createAction({
  description: 'The text of a page, headings and lists as Markdown',
  version: '1.0.0',
  input: Input,
  output: z.object({ page_id: z.string(), text: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const lines = await orExplain(nango, readBlocks(nango, data.page_id, 0), {
      404: `There is no page ${data.page_id}, or it was not shared with the app.`,
    });
    return { page_id: data.page_id, text: lines.join('\n') };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;

async function readBlocks(nango: NangoAction, id: string, depth: number): Promise<string[]> {
  const lines: string[] = [];
  const endpoint = `/v1/blocks/${encodeURIComponent(id)}/children`;
  for await (const page of nango.paginate({ endpoint, paginate: { limit: 100 }, retries: 3 })) {
    for (const block of z.array(Block).parse(page)) {
      const text = textOf(Object(block[block.type]).rich_text);
      if (text !== '') lines.push(`${'  '.repeat(depth)}${marks[block.type] ?? ''}${text}`);
      if (block.has_children && depth < depthMax && !apart.has(block.type)) lines.push(...(await readBlocks(nango, block.id, depth + 1)));
    }
  }
  return lines;
}
