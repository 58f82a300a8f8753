/** Jira's issues as unified tickets. */
import { type Ticket, type TicketPriority, type TicketStatus, utc } from '../unified/ticket.js';
import { textOf } from './document.js';
import type { JiraIssue } from './issues.js';

/** By category: the names of statuses are the customer's own, the three categories are not. */
const statuses: Readonly<Record<string, TicketStatus>> = { new: 'open', indeterminate: 'in_progress', done: 'done' };

/** A done issue that was given up has a resolution that says so. These are the names a new site begins with. */
const givenUp = new Set(["won't do", "won't fix", 'duplicate', 'cannot reproduce', 'declined']);

/** The names a new site begins with, today's and the older scheme's. */
const priorities: Readonly<Record<string, TicketPriority>> = {
  highest: 'urgent',
  high: 'high',
  medium: 'normal',
  low: 'low',
  lowest: 'low',
  blocker: 'urgent',
  critical: 'urgent',
  major: 'high',
  minor: 'normal',
  trivial: 'low',
};

/** For creating: the names of today's scheme. */
export const priorityNames: Readonly<Record<TicketPriority, string>> = { urgent: 'Highest', high: 'High', normal: 'Medium', low: 'Low' };

const statusOf = ({ status, resolution }: JiraIssue['fields']): TicketStatus => {
  const mapped = statuses[status.statusCategory.key] ?? 'open';
  return mapped === 'done' && givenUp.has(resolution?.name.toLowerCase() ?? '') ? 'cancelled' : mapped;
};

const toPerson = (person: JiraIssue['fields']['assignee']): Ticket['assignee'] =>
  person ? { id: person.accountId, name: person.displayName, email: person.emailAddress ?? null } : null;

export const toTicket = ({ id, key, fields }: JiraIssue, url: string): Ticket => ({
  id,
  key,
  title: fields.summary,
  description: textOf(fields.description),
  status: statusOf(fields),
  status_raw: fields.status.name,
  priority: priorities[fields.priority?.name.toLowerCase() ?? ''] ?? null,
  priority_raw: fields.priority?.name ?? null,
  collection_id: fields.project.id,
  collection_name: fields.project.name,
  requester: toPerson(fields.reporter),
  assignee: toPerson(fields.assignee),
  tags: fields.labels,
  url,
  created_at: utc(fields.created),
  updated_at: utc(fields.updated),
  closed_at: fields.resolutiondate ? utc(fields.resolutiondate) : null,
});
