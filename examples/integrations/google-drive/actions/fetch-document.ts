/**
 * The text of a file. Google's own documents have no content of their own and are exported: documents and slides as plain text, sheets as CSV of
 * the first sheet. Files that are text are read as they are. For others, as PDF, use the proxy with `alt=media` and read them in the app.
 */
import { createAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../../explain.js';

const Input = z.object({ id: z.string().min(1) });
const Found = z.object({ id: z.string(), name: z.string(), mimeType: z.string(), size: z.string().nullish() });

const exports: Readonly<Record<string, string>> = {
  'application/vnd.google-apps.document': 'text/plain',
  'application/vnd.google-apps.presentation': 'text/plain',
  'application/vnd.google-apps.spreadsheet': 'text/csv',
};
const isText = (type: string): boolean => /^text\/|^application\/(json|xml|x-ndjson|yaml)$/.test(type);
const bytesMax = 1_000_000;

const action = createAction({
  description: 'The text of a document, a sheet, slides or a text file',
  version: '1.0.0',
  scopes: ['https://www.googleapis.com/auth/drive.readonly'],
  input: Input,
  output: z.object({ id: z.string(), name: z.string(), mime_type: z.string(), text: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const endpoint = `/drive/v3/files/${encodeURIComponent(data.id)}`;
    const drives = { supportsAllDrives: 'true' };
    const about = nango.get({ endpoint, params: { ...drives, fields: 'id,name,mimeType,size' }, retries: 3 });
    const response = await orExplain(nango, about, { 404: `There is no file ${data.id}, or the connected person may not see it.` });
    const { id, name, mimeType, size } = Found.parse(response.data);
    const target = exports[mimeType];
    if (target === undefined && !isText(mimeType)) {
      throw new nango.ActionError({ message: `${name} is ${mimeType}, which has no text to read. Download it through the proxy instead.` });
    }
    if (Number(size ?? 0) > bytesMax)
      throw new nango.ActionError({ message: `${name} has ${size} bytes; this action answers at most ${bytesMax}.` });
    const content =
      target === undefined
        ? nango.get({ endpoint, params: { ...drives, alt: 'media' }, responseType: 'text', retries: 3 })
        : nango.get({ endpoint: `${endpoint}/export`, params: { mimeType: target }, responseType: 'text', retries: 3 });
    const text = await orExplain(nango, content, { 403: `${name} is too large to be exported, or may not be downloaded.` });
    return { id, name, mime_type: mimeType, text: z.string().parse(text.data) };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
