/** Tickets, incrementally: the cursor is kept after each page, so that a first run over years of tickets can be interrupted and goes on. */
import { createSync } from 'bowline';
import { z } from 'zod';
import { agentUrl, changedTickets, type ZendeskTicket } from '../ticket-export.js';

const id = z.string().nullable();

const SupportTicket = z.object({
  id: z.string(),
  subject: z.string(),
  description: z.string().nullable().describe('The first comment'),
  status: z.string().describe('new, open, pending, hold, solved or closed'),
  priority: z.string().nullable().describe('low, normal, high or urgent'),
  type: z.string().nullable().describe('problem, incident, question or task'),
  channel: z.string().nullable().describe('How it came, as email or web'),
  requester_id: id,
  assignee_id: id,
  organization_id: id,
  group_id: id,
  tags: z.array(z.string()),
  custom_fields: z.record(z.string(), z.unknown()).describe('By the id of the field; without those that are empty'),
  created_at: z.string(),
  updated_at: z.string(),
  url: z.string().describe('For agents'),
});

const sync = createSync({
  description: 'Tickets as they change, deletions included',
  version: '1.0.0',
  frequency: 'every 10 minutes',
  autoStart: true,
  scopes: ['tickets:read'],
  models: { SupportTicket },
  checkpoint: z.object({ cursor: z.string() }),

  exec: async (nango) => {
    const checkpoint = await nango.getCheckpoint();
    for await (const { live, deleted, cursor } of changedTickets(nango, checkpoint?.cursor)) {
      await nango.batchSave(live.map(toTicket), 'SupportTicket');
      await nango.batchDelete(deleted, 'SupportTicket');
      if (cursor !== undefined) await nango.saveCheckpoint({ cursor });
    }
  },
});

export type NangoSyncLocal = Parameters<(typeof sync)['exec']>[0];
export default sync;

const asId = (value: number | null | undefined): string | null => (value === null || value === undefined ? null : String(value));

const toTicket = (ticket: ZendeskTicket): z.infer<typeof SupportTicket> => ({
  id: String(ticket.id),
  subject: ticket.subject ?? ticket.raw_subject ?? '',
  description: ticket.description ?? null,
  status: ticket.status,
  priority: ticket.priority ?? null,
  type: ticket.type ?? null,
  channel: ticket.via ? String(ticket.via.channel) : null,
  requester_id: asId(ticket.requester_id),
  assignee_id: asId(ticket.assignee_id),
  organization_id: asId(ticket.organization_id),
  group_id: asId(ticket.group_id),
  tags: ticket.tags,
  custom_fields: Object.fromEntries(
    (ticket.custom_fields ?? []).flatMap(({ id: field, value }) => (value === null || value === undefined ? [] : [[String(field), value]])),
  ),
  created_at: ticket.created_at,
  updated_at: ticket.updated_at,
  url: agentUrl(ticket),
});
