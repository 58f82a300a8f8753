/** What the syncs of tickets read: `tickets.ts` keeps Zendesk's shape, `unified-tickets.ts` makes tickets of it. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { exportFrom } from './export.js';

const ZendeskTicket = z.object({
  id: z.number(),
  url: z.string(),
  subject: z.string().nullish(),
  raw_subject: z.string().nullish(),
  description: z.string().nullish(),
  status: z.string(),
  priority: z.string().nullish(),
  type: z.string().nullish(),
  requester_id: z.number().nullish(),
  assignee_id: z.number().nullish(),
  organization_id: z.number().nullish(),
  group_id: z.number().nullish(),
  tags: z.array(z.string()),
  via: z.object({ channel: z.union([z.string(), z.number()]) }).nullish(),
  custom_fields: z.array(z.object({ id: z.number(), value: z.unknown() })).nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type ZendeskTicket = z.infer<typeof ZendeskTicket>;

const Person = z.object({ id: z.number(), name: z.string().nullish(), email: z.string().nullish() });
const Group = z.object({ id: z.number(), name: z.string() });
const Page = z.object({ tickets: z.array(ZendeskTicket), users: z.array(Person).default([]), groups: z.array(Group).default([]) });
export type Beside = { users: Map<number, z.infer<typeof Person>>; groups: Map<number, string> };

/**
 * Tickets that changed, in pages; the deleted ones apart, which the export marks with a status of their own.
 * @param include what Zendesk is to put beside the tickets, as `users,groups`
 */
export async function* changedTickets(nango: NangoAction, cursor: string | undefined, include?: string) {
  const endpoint = '/api/v2/incremental/tickets/cursor.json';
  const params = include === undefined ? {} : { include };
  for await (const { page, cursor: next } of exportFrom(nango, Page, { endpoint, params, cursor })) {
    const beside: Beside = {
      users: new Map(page.users.map((user) => [user.id, user])),
      groups: new Map(page.groups.map(({ id, name }) => [id, name])),
    };
    yield {
      live: page.tickets.filter(({ status }) => status !== 'deleted'),
      deleted: page.tickets.flatMap(({ id, status }) => (status === 'deleted' ? [{ id: String(id) }] : [])),
      beside,
      cursor: next,
    };
  }
}

/** The API's address of a ticket, https://acme.zendesk.com/api/v2/tickets/35.json, as the one agents open. */
export const agentUrl = ({ id, url }: { id: number; url: string }): string => `${new URL(url).origin}/agent/tickets/${id}`;
