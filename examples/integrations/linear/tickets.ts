/** Linear's issues as unified tickets. */
import { type Ticket, type TicketPriority, type TicketStatus, utc } from '../unified/ticket.js';
import type { LinearIssue } from './issues.js';

/** By the type of the state: its name is the team's own. */
const statuses: Readonly<Record<string, TicketStatus>> = {
  triage: 'open',
  backlog: 'open',
  unstarted: 'open',
  started: 'in_progress',
  completed: 'done',
  canceled: 'cancelled',
  duplicate: 'cancelled',
};

/** Linear counts: 0 is none, 1 urgent, 4 low. */
export const priorities: readonly (TicketPriority | null)[] = [null, 'urgent', 'high', 'normal', 'low'];

const toPerson = (person: LinearIssue['creator']): Ticket['assignee'] =>
  person ? { id: person.id, name: person.name, email: person.email ?? null } : null;

export const toTicket = (issue: LinearIssue): Ticket => {
  const closed = issue.completedAt ?? issue.canceledAt;
  return {
    id: issue.id,
    key: issue.identifier,
    title: issue.title,
    description: issue.description ?? null,
    status: statuses[issue.state.type] ?? 'open',
    status_raw: issue.state.name,
    priority: priorities[issue.priority] ?? null,
    priority_raw: issue.priority === 0 ? null : issue.priorityLabel,
    collection_id: issue.team.id,
    collection_name: issue.team.name,
    requester: toPerson(issue.creator),
    assignee: toPerson(issue.assignee),
    tags: issue.labels.nodes.map(({ name }) => name),
    url: issue.url,
    created_at: utc(issue.createdAt),
    updated_at: utc(issue.updatedAt),
    closed_at: closed ? utc(closed) : null,
  };
};
