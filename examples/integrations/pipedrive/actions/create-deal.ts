/** Creates a deal. Not retried: a second attempt after a lost answer would create a second deal. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain } from '../refusal.js';

const id = z.string().regex(/^\d+$/);

const Input = z.object({
  title: z.string().min(1),
  value: z.number().optional(),
  currency: z.string().length(3).optional().describe("ISO 4217; the user's own when left out"),
  person_id: id.optional(),
  organization_id: id.optional(),
  stage_id: id.optional().describe('The first stage of the default pipeline when left out'),
  expected_close_date: z.iso.date().optional(),
});

const Created = z.object({ data: z.object({ id: z.number(), stage_id: z.number(), add_time: z.string() }) });

const action = createAction({
  description: 'Creates a deal for a person or an organization',
  version: '1.0.0',
  scopes: ['deals:full'],
  input: Input,
  output: z.object({ id: z.string(), stage_id: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { person_id, organization_id, stage_id, ...deal } = data;
    const ids = { person_id: number(person_id), org_id: number(organization_id), stage_id: number(stage_id) };
    try {
      const response = await nango.post({ endpoint: '/v2/deals', data: { ...deal, ...ids } });
      const created = Created.parse(response.data).data;
      return { id: String(created.id), stage_id: String(created.stage_id), created_at: created.add_time };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
