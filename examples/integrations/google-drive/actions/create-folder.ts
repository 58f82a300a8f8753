/** Creates a folder. Not retried: Drive lets two folders have the same name, and a second attempt would make one. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';

const Input = z.object({ name: z.string().min(1), parent_id: z.string().optional().describe('Left out, it lies in My Drive') });
const Created = z.object({ id: z.string(), name: z.string(), webViewLink: z.string().nullish() });

const action = createAction({
  description: 'Creates a folder',
  version: '1.0.0',
  // Enough for what the app makes itself. To make it in a folder of the customer's, the app needs the scope `drive`.
  scopes: ['https://www.googleapis.com/auth/drive.file'],
  input: Input,
  output: z.object({ id: z.string(), name: z.string(), url: z.string().nullable() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { name, parent_id: parent } = data;
    const call = nango.post({
      endpoint: '/drive/v3/files',
      params: { supportsAllDrives: 'true', fields: 'id,name,webViewLink' },
      data: { name, mimeType: 'application/vnd.google-apps.folder', ...(parent !== undefined && { parents: [parent] }) },
    });
    const response = await orExplain(nango, call, {
      403: `The connected person, or this app, may not write to the folder ${parent}.`,
      404: `There is no folder ${parent}, or this app may not see it.`,
    });
    const { id, name: given, webViewLink } = Created.parse(response.data);
    return { id, name: given, url: webViewLink ?? null };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
