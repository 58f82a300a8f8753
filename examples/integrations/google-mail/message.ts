/**
 * A message of Gmail as people know one. What arrives is the MIME tree of the mail: headers in a list, parts within parts, bodies in base64url.
 * Attachments are named by their place in the tree: Gmail gives each a new attachment id whenever it is asked.
 */
import type { NangoAction } from 'bowline';
import { z } from 'zod';

const Header = z.object({ name: z.string(), value: z.string() });

const Part = z.object({
  partId: z.string().nullish(),
  mimeType: z.string().nullish(),
  filename: z.string().nullish(),
  headers: z.array(Header).nullish(),
  body: z.object({ attachmentId: z.string().nullish(), size: z.number().nullish(), data: z.string().nullish() }).nullish(),
  get parts() {
    return z.array(Part).nullish();
  },
});
type Part = z.infer<typeof Part>;

const GmailMessage = z.object({
  id: z.string(),
  threadId: z.string(),
  historyId: z.string(),
  labelIds: z.array(z.string()).nullish(),
  snippet: z.string().nullish(),
  internalDate: z.string(),
  payload: Part,
});

const Attachment = z.object({
  part_id: z.string().describe('For the action fetch-attachment'),
  filename: z.string(),
  mime_type: z.string(),
  size: z.number(),
});

export const Email = z.object({
  id: z.string(),
  thread_id: z.string(),
  message_id: z.string().nullable().describe("The mail's own id, which answers refer to"),
  subject: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  sent_at: z.string(),
  labels: z.array(z.string()).describe('Ids: INBOX, UNREAD, SENT, and those of the customer'),
  snippet: z.string(),
  text: z.string().nullable().describe('The plain text; null for a mail that has only HTML'),
  html: z.string().nullable(),
  attachments: z.array(Attachment),
});
export type Email = z.infer<typeof Email>;

/** @throws as `nango.get` does: 404 for a message that is gone */
export const fetchMessage = async (nango: NangoAction, id: string): Promise<z.infer<typeof GmailMessage>> => {
  const response = await nango.get({
    endpoint: `/gmail/v1/users/me/messages/${encodeURIComponent(id)}`,
    params: { format: 'full' },
    retries: 5,
  });
  return GmailMessage.parse(response.data);
};

export const toEmail = (message: z.infer<typeof GmailMessage>): Email => {
  const parts = flatten(message.payload);
  const headers = message.payload.headers ?? [];
  const header = (name: string) => headers.find((one) => one.name.toLowerCase() === name)?.value;
  return {
    id: message.id,
    thread_id: message.threadId,
    message_id: header('message-id') ?? null,
    subject: header('subject') ?? '',
    from: header('from') ?? '',
    to: addresses(header('to')),
    cc: addresses(header('cc')),
    sent_at: new Date(Number(message.internalDate)).toISOString(),
    labels: (message.labelIds ?? []).toSorted(),
    snippet: message.snippet ?? '',
    text: bodyOf(parts, 'text/plain'),
    html: bodyOf(parts, 'text/html'),
    attachments: attachmentsOf(parts).map(({ partId, filename, mimeType, body }) => ({
      part_id: partId ?? '',
      filename: filename ?? '',
      mime_type: mimeType ?? 'application/octet-stream',
      size: body?.size ?? 0,
    })),
  };
};

export const flatten = (part: Part): Part[] => [part, ...(part.parts ?? []).flatMap(flatten)];

const attachmentsOf = (parts: Part[]): Part[] => parts.filter(({ filename }) => Boolean(filename));

const bodyOf = (parts: Part[], type: string): string | null => {
  const part = parts.find(({ mimeType, filename, body }) => mimeType === type && !filename && body?.data);
  return part?.body?.data ? Buffer.from(part.body.data, 'base64url').toString('utf8') : null;
};

/** At commas that are not within quotes: `"Doe, Jo" <jo@example.com>, ada@example.com` are two. */
const addresses = (list = ''): string[] =>
  (list.match(/(?:"(?:\\.|[^"\\])*"|[^,])+/g) ?? []).map((one) => one.trim()).filter((one) => one !== '');
