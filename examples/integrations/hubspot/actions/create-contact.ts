/**
 * Creates a contact. Not retried: a second attempt after a lost answer would be refused as a duplicate, or create one when there is no email.
 * An address that is taken already is an error which names the contact that has it.
 */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain, HubspotContact } from '../contact.js';

const Input = z.object({
  email: z.email(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  phone: z.string().optional(),
  properties: z.record(z.string(), z.string()).optional().describe("Further properties, by HubSpot's internal names"),
});

const action = createAction({
  description: 'Creates a contact',
  version: '1.0.0',
  scopes: ['crm.objects.contacts.write'],
  input: Input,
  output: z.object({ id: z.string(), created_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { email, first_name: firstname, last_name: lastname, phone, properties } = data;
    const sent = { ...properties, email, firstname, lastname, phone };
    try {
      const response = await nango.post({ endpoint: '/crm/v3/objects/contacts', data: { properties: sent } });
      const { id, createdAt } = HubspotContact.parse(response.data);
      return { id, created_at: createdAt };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
