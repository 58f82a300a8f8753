/** Adds a record to a table. Not retried: a second attempt after a lost answer would add a second one. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { baseId, explain } from '../refusal.js';

const Input = z.object({
  base: baseId,
  table: z.string().min(1).describe('A name or an id'),
  fields: z.record(z.string(), z.unknown()).describe("By the fields' names"),
  typecast: z.boolean().optional().describe('Let Airtable make values fit, as a new option of a select. Default: false'),
});

const Created = z.object({ id: z.string(), createdTime: z.string() });

const action = createAction({
  description: 'Adds a record to a table',
  version: '1.0.0',
  scopes: ['data.records:write'],
  input: Input,
  output: z.object({ id: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { base, table, fields, typecast = false } = data;
    try {
      const response = await nango.post({ endpoint: `/v0/${base}/${encodeURIComponent(table)}`, data: { fields, typecast } });
      const { id, createdTime } = Created.parse(response.data);
      return { id, created_at: createdTime };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
