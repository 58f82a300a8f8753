/** Conversations, incrementally, without their parts: a list gives only the first message. One is read whole with the action fetch-conversation. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { changedSince, isoOf } from '../search.js';

const Conversation = z.object({
  id: z.string(),
  title: z.string().nullable(),
  state: z.string().describe('open, closed or snoozed'),
  priority: z.boolean(),
  channel: z.string().nullable().describe('How it began, as conversation, email or facebook'),
  first_message: z.string().nullable().describe('HTML'),
  contact_ids: z.array(z.string()),
  admin_id: z.string().nullable(),
  team_id: z.string().nullable(),
  tags: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
});

const Id = z.union([z.string(), z.number()]).nullish();

const Page = z.object({
  conversations: z.array(
    z.object({
      id: z.string(),
      title: z.string().nullish(),
      state: z.string(),
      priority: z.string().nullish(),
      source: z.object({ type: z.string().nullish(), body: z.string().nullish() }).nullish(),
      contacts: z.object({ contacts: z.array(z.object({ id: z.string() })) }).nullish(),
      admin_assignee_id: Id,
      team_assignee_id: Id,
      tags: z.object({ tags: z.array(z.object({ name: z.string() })) }).nullish(),
      created_at: z.number(),
      updated_at: z.number(),
    }),
  ),
});

const sync = createSync({
  description: 'Conversations with their state and first message, as they change',
  version: '1.0.0',
  frequency: 'every 10 minutes',
  autoStart: true,
  models: { Conversation },
  checkpoint: z.object({ since: z.number() }),

  exec: async (nango) => {
    const since = (await nango.getCheckpoint())?.since ?? 0;
    const began = Math.floor(Date.now() / 1000);
    for await (const { conversations } of changedSince(nango, '/conversations/search', Page, since)) {
      await nango.batchSave(conversations.map(toConversation), 'Conversation');
    }
    await nango.saveCheckpoint({ since: began });
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

/** Nobody is null or 0. */
const asId = (id: z.infer<typeof Id>): string | null => (id ? String(id) : null);

const toConversation = (conversation: z.infer<typeof Page>['conversations'][number]): z.infer<typeof Conversation> => ({
  id: conversation.id,
  title: conversation.title ?? null,
  state: conversation.state,
  priority: conversation.priority === 'priority',
  channel: conversation.source?.type ?? null,
  first_message: conversation.source?.body ?? null,
  contact_ids: (conversation.contacts?.contacts ?? []).map(({ id }) => id),
  admin_id: asId(conversation.admin_assignee_id),
  team_id: asId(conversation.team_assignee_id),
  tags: (conversation.tags?.tags ?? []).map(({ name }) => name),
  created_at: isoOf(conversation.created_at),
  updated_at: isoOf(conversation.updated_at),
});
