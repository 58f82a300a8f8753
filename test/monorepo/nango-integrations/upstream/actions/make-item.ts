import type { NangoAction, ProxyConfiguration } from '@nangohq/runner-sdk';
import { createAction } from 'nango';
import { z } from 'zod';

const Input = z.object({ name: z.string().min(1).trim(), amount: z.coerce.number().int().positive().optional() });
const Made = z.looseObject({ path: z.string(), method: z.string(), body: z.string() });

const send = async (nango: Pick<NangoAction, 'post'>, config: ProxyConfiguration) => Made.parse((await nango.post(config)).data);

const action = createAction({
  description: 'Makes an item',
  version: '2.1.0',
  input: Input,
  output: Made,
  scopes: ['items:write'],
  exec: async (nango, input) => {
    const valid = await nango.zodValidateInput({ zodSchema: Input, input });
    if (valid.data.name === 'taken') {
      throw new nango.ActionError({ message: 'This name is taken', type: 'conflict', details: { name: input.name } });
    }
    return send(nango, { endpoint: '/made', data: valid.data, retries: 3 });
  },
});

export { toItem } from '../../mappers/item.js';
export default action;
