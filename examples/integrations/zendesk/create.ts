/** Shared by the actions that create and change tickets. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { orExplain } from '../explain.js';
import { agentUrl } from './ticket-export.js';

const Answer = z.object({ ticket: z.object({ id: z.number(), url: z.string(), status: z.string() }) });

/** @param ticket fields as Zendesk names them */
export const createTicket = async (nango: NangoAction, ticket: object) => {
  const response = await orExplain(nango, nango.post({ endpoint: '/api/v2/tickets.json', data: { ticket } }), {
    422: 'Zendesk refused the ticket: a field has a value it does not accept, or a field that your help desk requires is missing.',
  });
  return readTicket(response.data);
};

export const readTicket = (answer: unknown): { id: string; status: string; url: string } => {
  const { ticket } = Answer.parse(answer);
  return { id: String(ticket.id), status: ticket.status, url: agentUrl(ticket) };
};
