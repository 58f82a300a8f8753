/** All bases the connection may see, or the tables and fields of one: what the tables to sync are chosen from in the app's settings. */
import { createAction, type NangoAction } from 'bowline';
import { z } from 'zod';
import { baseId, explain } from '../refusal.js';

const Input = z.object({ base: baseId.optional().describe('Left out, the answer has the bases alone') });

const Field = z.object({ id: z.string(), name: z.string(), type: z.string() });
const Table = z.object({ id: z.string(), name: z.string(), fields: z.array(Field) });
const Base = z.object({ id: z.string(), name: z.string() });

const action = createAction({
  description: 'Bases, or the tables and fields of a base',
  version: '1.0.0',
  scopes: ['schema.bases:read'],
  input: Input,
  output: z.object({ bases: z.array(Base), tables: z.array(Table) }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    try {
      return data.base === undefined
        ? { bases: await listBases(nango), tables: [] }
        : { bases: [], tables: await listTables(nango, data.base) };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;

const listBases = async (nango: NangoAction) => {
  const bases: z.infer<typeof Base>[] = [];
  for await (const page of nango.paginate({ endpoint: '/v0/meta/bases', paginate: { response_path: 'bases' }, retries: 3 })) {
    bases.push(...z.array(Base).parse(page));
  }
  return bases;
};

const listTables = async (nango: NangoAction, base: string) => {
  const response = await nango.get({ endpoint: `/v0/meta/bases/${base}/tables`, retries: 3 });
  return z.object({ tables: z.array(Table) }).parse(response.data).tables;
};
