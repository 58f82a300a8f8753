/** Zendesk's tickets as unified tickets. */
import { type Ticket, TicketPriority, type TicketStatus, utc } from '../unified/ticket.js';
import { agentUrl, type Beside, type ZendeskTicket } from './ticket-export.js';

const statuses: Readonly<Record<string, TicketStatus>> = {
  new: 'open',
  open: 'in_progress', // an agent has it
  pending: 'waiting',
  hold: 'waiting',
  solved: 'done',
  closed: 'done',
};

const toPerson = (id: number | null | undefined, { users }: Beside): Ticket['assignee'] => {
  if (id === null || id === undefined) return null;
  const { name = null, email = null } = users.get(id) ?? {};
  return { id: String(id), name, email };
};

export const toTicket = (ticket: ZendeskTicket, beside: Beside): Ticket => ({
  id: String(ticket.id),
  key: `#${ticket.id}`,
  title: ticket.subject ?? ticket.raw_subject ?? '',
  description: ticket.description ?? null,
  status: statuses[ticket.status] ?? 'open',
  status_raw: ticket.status,
  // Zendesk's four priorities are those of the unified ticket.
  priority: TicketPriority.safeParse(ticket.priority).data ?? null,
  priority_raw: ticket.priority ?? null,
  collection_id: ticket.group_id ? String(ticket.group_id) : null,
  collection_name: ticket.group_id ? (beside.groups.get(ticket.group_id) ?? null) : null,
  requester: toPerson(ticket.requester_id, beside),
  assignee: toPerson(ticket.assignee_id, beside),
  tags: ticket.tags,
  url: agentUrl(ticket),
  created_at: utc(ticket.created_at),
  updated_at: utc(ticket.updated_at),
  closed_at: null, // the export does not say when it was
});
