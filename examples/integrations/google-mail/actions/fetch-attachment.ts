/** The content of an attachment. Gmail's attachment ids are new each time, so the e-mail is read first and the part looked up by its place. */
import { createAction, type NangoAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';
import { fetchMessage, flatten } from '../message.js';

const Input = z.object({
  email_id: z.string().min(1),
  part_id: z.string().min(1).describe('Of the attachments of the e-mail'),
});

const Content = z.object({ data: z.string() });
/** What an action may answer is limited; larger files are for the proxy, which streams them. */
const bytesMax = 1_000_000;

const action = createAction({
  description: 'The content of an attachment, up to 1 MB',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
  input: Input,
  output: z.object({ filename: z.string(), mime_type: z.string(), size: z.number(), base64: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { email_id: id, part_id: partId } = data;
    const message = await orExplain(nango, fetchMessage(nango, id), { 404: `There is no e-mail ${id} in this mailbox.` });
    const part = flatten(message.payload).find((one) => one.partId === partId && one.filename);
    if (!part) throw new nango.ActionError({ message: `The e-mail has no attachment ${partId}. Take part_id from its attachments.` });
    const { filename, mimeType, body } = part;
    const size = body?.size ?? 0;
    if (size > bytesMax)
      throw new nango.ActionError({ message: `${filename} has ${size} bytes; this action answers at most ${bytesMax}.` });
    const content = body?.data ?? (await download(nango, id, body?.attachmentId ?? ''));
    return {
      filename: filename ?? '',
      mime_type: mimeType ?? 'application/octet-stream',
      size,
      base64: Buffer.from(content, 'base64url').toString('base64'),
    };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;

const download = async (nango: NangoAction, id: string, attachmentId: string): Promise<string> => {
  const endpoint = `/gmail/v1/users/me/messages/${encodeURIComponent(id)}/attachments/${encodeURIComponent(attachmentId)}`;
  return Content.parse((await nango.get({ endpoint, retries: 3 })).data).data;
};
