/**
 * One shape for the tickets of every provider, so that an app reads a single model whatever its customers connect.
 * It is implemented by `<provider>/syncs/unified-tickets.ts` and `<provider>/actions/create-unified-ticket.ts`. This folder is no integration:
 * it has neither `syncs` nor `actions`, and what is in it is bundled into the functions that import it.
 *
 * To add a provider:
 * 1. `<provider>/tickets.ts`: from the provider's answer to `Ticket`, with a table for each of its lists of values. A value that is in no
 *    table keeps its own name in `status_raw` or `priority_raw` and becomes `open` or null: a customer's own value is no reason to fail.
 * 2. `<provider>/syncs/unified-tickets.ts`: `models: { Ticket }`, incremental where the API allows it.
 * 3. `<provider>/actions/create-unified-ticket.ts`: `input: NewTicket`, `output: CreatedTicket`. `collection_id` is what that provider files
 *    tickets under; say in `description` which one it is.
 * 4. A recording for each in `<provider>/tests`, and a line for each in `index.ts`.
 */
import { z } from 'zod';

export const TicketStatus = z.enum(['open', 'in_progress', 'waiting', 'done', 'cancelled']);
export type TicketStatus = z.infer<typeof TicketStatus>;

export const TicketPriority = z.enum(['urgent', 'high', 'normal', 'low']);
export type TicketPriority = z.infer<typeof TicketPriority>;

const Person = z.object({
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable().describe('null where the provider keeps it to itself'),
});

export const Ticket = z.object({
  id: z.string(),
  key: z.string().describe('What people call it: ENG-12, #35'),
  title: z.string(),
  description: z.string().nullable().describe('As plain text or Markdown'),
  status: TicketStatus,
  status_raw: z.string().describe("The provider's own name of the status"),
  priority: TicketPriority.nullable().describe('null without a priority, or with one of the customer’s own that fits none'),
  priority_raw: z.string().nullable().describe("The provider's own name of the priority"),
  collection_id: z.string().nullable().describe('What it is filed under: a team, a project, a repository, a group'),
  collection_name: z.string().nullable(),
  requester: Person.nullable(),
  assignee: Person.nullable(),
  tags: z.array(z.string()),
  url: z.string().describe('For people, to open in a browser'),
  created_at: z.string().describe('ISO 8601, UTC'),
  updated_at: z.string(),
  closed_at: z.string().nullable().describe('null while it is not closed, and where the provider does not say when it was'),
});
export type Ticket = z.infer<typeof Ticket>;

export const NewTicket = z.object({
  collection_id: z.string().min(1).describe('Where to file it, as in `collection_id` of the tickets'),
  title: z.string().min(1),
  description: z.string().optional().describe('Plain text'),
  priority: TicketPriority.optional(),
  tags: z.array(z.string()).optional(),
});
export type NewTicket = z.infer<typeof NewTicket>;

export const CreatedTicket = Ticket.pick({ id: true, key: true, url: true });

/** Every provider writes times in its own way; in tickets they are all UTC, so that they can be compared as texts. */
export const utc = (time: string): string => new Date(time).toISOString();
