/** Who is away between two days, company holidays included. Without `filter: off` BambooHR applies the user's own view of the calendar. */
import { createAction } from 'bowline';
import { z } from 'zod';

const Input = z
  .object({ start: z.iso.date(), end: z.iso.date() })
  .refine(({ start, end }) => start <= end, { error: 'end lies before start.', path: ['end'] });

const Away = z.object({
  id: z.string(),
  kind: z.enum(['time_off', 'holiday']),
  employee_id: z.string().nullable().describe('Null for a holiday'),
  name: z.string(),
  start: z.string(),
  end: z.string(),
});

const BambooAway = z.object({
  id: z.coerce.string(),
  type: z.string(),
  employeeId: z.coerce.string().optional(),
  name: z.string(),
  start: z.string(),
  end: z.string(),
});

const action = createAction({
  description: 'Who is away between two days, holidays included',
  version: '1.0.0',
  input: Input,
  output: z.object({ away: z.array(Away) }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const response = await nango.get({ endpoint: '/v1/time_off/whos_out', params: { ...data, filter: 'off' }, retries: 3 });
    return { away: z.array(BambooAway).parse(response.data).map(toAway) };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;

const toAway = ({ id, type, employeeId, name, start, end }: z.infer<typeof BambooAway>): z.infer<typeof Away> => ({
  id,
  kind: type === 'holiday' ? 'holiday' : 'time_off',
  employee_id: employeeId ?? null,
  name,
  start,
  end,
});
