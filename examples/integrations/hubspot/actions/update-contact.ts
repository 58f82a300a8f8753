/** Changes properties of a contact that is found by its id or its email. Retried: setting the same values twice changes nothing more. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { explain, HubspotContact } from '../contact.js';

const Input = z.object({
  contact: z.string().min(1).describe("The contact's id, or its email address"),
  properties: z
    .record(z.string(), z.string())
    .refine((properties) => Object.keys(properties).length > 0, 'Name at least one property to change.')
    .describe("By HubSpot's internal names; an empty text clears a property"),
});

const action = createAction({
  description: 'Changes properties of a contact, found by id or email',
  version: '1.0.0',
  scopes: ['crm.objects.contacts.write'],
  input: Input,
  output: z.object({ id: z.string(), updated_at: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { contact, properties } = data;
    try {
      const response = await nango.patch({
        endpoint: `/crm/v3/objects/contacts/${encodeURIComponent(contact)}`,
        params: contact.includes('@') ? { idProperty: 'email' } : {},
        data: { properties },
        retries: 3,
      });
      const { id, updatedAt } = HubspotContact.parse(response.data);
      return { id, updated_at: updatedAt };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
