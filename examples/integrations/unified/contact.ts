/**
 * One contact for every CRM: an app reads `UnifiedContact` records and calls `create-unified-contact` without knowing which CRM its customer
 * has. The folder is no integration (nothing in `syncs/` or `actions/`); each integration's functions bundle what they import of it.
 */
import { z } from 'zod';

export const Contact = z.object({
  id: z.string().describe("The contact's id in the CRM"),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email: z.string().nullable().describe('The primary address, in lower case'),
  other_emails: z.array(z.string()),
  phones: z.array(z.object({ number: z.string().describe('As it was entered'), type: z.string().describe('work, mobile, …') })),
  job_title: z.string().nullable(),
  company_id: z.string().nullable().describe("The company's id in the CRM"),
  company_name: z.string().nullable(),
  owner_id: z.string().nullable().describe('The user of the CRM who is responsible'),
  created_at: z.string().describe('ISO 8601, UTC'),
  updated_at: z.string().describe('ISO 8601, UTC'),
  custom: z.record(z.string(), z.string().nullable()).describe("What the customer's field mapping adds"),
});
export type Contact = z.infer<typeof Contact>;

/** The last name is required because Salesforce refuses a contact without one. */
export const ContactInput = z.object({
  first_name: z.string().optional(),
  last_name: z.string().min(1),
  email: z.email().optional(),
  phone: z.string().optional(),
  job_title: z.string().optional(),
  company_id: z.string().optional().describe("An existing company of the CRM, by the CRM's id"),
  custom: z.record(z.string(), z.string()).optional().describe('Values for fields of the field mapping, by the name the app gave them'),
});
export type ContactInput = z.infer<typeof ContactInput>;

export const CreatedContact = z.object({ id: z.string().describe("The contact's id in the CRM") });

/** What the app stores on a connection: its own name of a field → the CRM's, as `{ "plan": "subscription_plan__c" }`. */
export const ContactMetadata = z.object({ fieldMapping: z.record(z.string(), z.string()).optional() });

/** Addresses are compared in lower case by all three CRMs. */
export const address = (email: string | null | undefined): string | null => email?.trim().toLowerCase() || null;

export const phones = (given: Record<string, string | null | undefined>): Contact['phones'] =>
  Object.entries(given).flatMap(([type, number]) => (number ? [{ number, type }] : []));
