/** Writing contacts: what HubSpot answers, and what its refusals mean to the caller of an action. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../refusal.js';

export const contacts = { name: 'contacts', modified: 'lastmodifieddate' } as const;

export const HubspotContact = z.object({ id: z.string(), createdAt: z.string(), updatedAt: z.string() });

const Problem = z.object({ message: z.string(), category: z.string().optional() });

/** The error to throw instead: HubSpot's own words for what the caller can mend, and the id of a contact that exists already. */
export const explain = (nango: NangoAction, error: unknown): unknown => {
  const refusal = refusalOf(error);
  const problem = Problem.safeParse(refusal?.data).data;
  if (refusal === undefined || problem === undefined) return error;
  const existing = /Existing ID: (\d+)/.exec(problem.message)?.[1];
  return new nango.ActionError({ ...problem, ...(existing !== undefined && { existing_id: existing }) });
};
