/**
 * Mail of one folder as it comes and changes; what is deleted or moved elsewhere is removed. Bodies are not kept: an app that needs one asks
 * for it with `get-message`.
 *
 * Of a message that changed, Graph may tell only what changed about it, as that it was read. That is merged into what is there.
 */
import { createSync } from 'bowline';
import { z } from 'zod';
import { Checkpoint, type Item, readDelta } from '../../microsoft/delta.js';

const Person = z.object({ name: z.string().nullable(), email: z.string().nullable() });

const Message = z.object({
  id: z.string(),
  conversation_id: z.string().nullable(),
  subject: z.string().nullable(),
  preview: z.string().describe('The first 255 characters of the body'),
  from: Person.nullable(),
  to: z.array(Person),
  cc: z.array(Person),
  is_read: z.boolean(),
  has_attachments: z.boolean(),
  received_at: z.string(),
  url: z.string().describe('Opens it in Outlook on the web'),
});
type Message = z.infer<typeof Message>;

const Recipient = z.object({ emailAddress: z.object({ name: z.string().nullish(), address: z.string().nullish() }) });
const GraphMessage = z.object({
  id: z.string(),
  conversationId: z.string().nullish(),
  subject: z.string().nullish(),
  bodyPreview: z.string(),
  from: Recipient.nullish(),
  toRecipients: z.array(Recipient),
  ccRecipients: z.array(Recipient),
  isRead: z.boolean(),
  hasAttachments: z.boolean(),
  receivedDateTime: z.string(),
  webLink: z.string(),
});

/** Ids that stay when a message is moved, and pages of more than ten. */
const headers = { prefer: 'IdType="ImmutableId", odata.maxpagesize=100' };

const sync = createSync({
  description: 'Mail of one folder as it comes and changes',
  version: '1.0.0',
  frequency: 'every 5 minutes',
  autoStart: true,
  scopes: ['offline_access', 'Mail.Read'],
  models: { Message },
  /** `inbox`, `sentitems`, `archive`, … or a folder's id. After a change the app triggers the sync with `reset` and `emptyCache`. */
  metadata: z.object({ folder: z.string().optional() }),
  checkpoint: Checkpoint,

  exec: async (nango) => {
    const { folder = 'inbox' } = (await nango.getMetadata()) ?? {};
    const endpoint = `/v1.0/me/mailFolders/${encodeURIComponent(folder)}/messages/delta`;
    const first = { endpoint, headers, params: { $select: Object.keys(GraphMessage.shape).join(',') } };
    await readDelta(nango, first, {
      begin: () => nango.trackDeletesStart('Message'),
      end: () => nango.trackDeletesEnd('Message'),
      save: async (items) => {
        await nango.batchSave(items.filter(isWhole).map(toMessage), 'Message');
        await nango.batchUpdate(
          items.filter((item) => !isWhole(item)).map(({ id, ...changed }) => ({ id, ...toChange(changed) })),
          'Message',
        );
      },
      remove: (removed) => nango.batchDelete(removed, 'Message'),
    });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const isWhole = (item: Item): boolean => 'receivedDateTime' in item;

const toMessage = (item: Item): Message => {
  const message = GraphMessage.parse(item);
  return {
    id: message.id,
    conversation_id: message.conversationId ?? null,
    subject: message.subject ?? null,
    preview: message.bodyPreview,
    from: message.from ? toPerson(message.from) : null,
    to: message.toRecipients.map(toPerson),
    cc: message.ccRecipients.map(toPerson),
    is_read: message.isRead,
    has_attachments: message.hasAttachments,
    received_at: message.receivedDateTime,
    url: message.webLink,
  };
};

/** What can change about mail that was received. */
const toChange = (changed: object): Pick<Partial<Message>, 'is_read'> => {
  const { isRead } = GraphMessage.pick({ isRead: true }).partial().parse(changed);
  return isRead === undefined ? {} : { is_read: isRead };
};

const toPerson = ({ emailAddress: { name, address } }: z.infer<typeof Recipient>) => ({ name: name ?? null, email: address ?? null });
