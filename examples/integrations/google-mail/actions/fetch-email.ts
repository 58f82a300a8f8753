/** One e-mail with its text and the list of its attachments, as the sync `emails` has them. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { Email, fetchMessage, toEmail } from '../message.js';

const Input = z.object({ id: z.string().min(1) });

const action = createAction({
  description: 'One e-mail, with its text and the list of its attachments',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
  input: Input,
  output: Email,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    return toEmail(await orExplain(nango, fetchMessage(nango, data.id), { 404: `There is no e-mail ${data.id} in this mailbox.` }));
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
