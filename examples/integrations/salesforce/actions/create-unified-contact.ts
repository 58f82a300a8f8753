/**
 * Creates a contact from the unified form, the same input as for every other CRM here. Whether a second contact with the same address is
 * refused is up to the duplicate rules of the customer's organisation.
 */
import { createAction } from 'bowline';
import { z } from 'zod';
import { writeMapped } from '../../fields.js';
import { ContactInput, ContactMetadata, CreatedContact } from '../../unified/contact.js';
import { api } from '../records.js';
import { explain } from '../refusal.js';

const action = createAction({
  description: 'Creates a contact from the form that is the same for every CRM',
  version: '1.0.0',
  scopes: ['api', 'refresh_token'],
  input: ContactInput,
  output: CreatedContact,
  metadata: ContactMetadata,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: ContactInput, input });
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const { fields, unknown } = writeMapped(fieldMapping, data.custom);
    if (unknown.length > 0) throw new nango.ActionError({ message: `The field mapping has no ${unknown.join(', ')}.`, unknown });
    const { first_name: FirstName, last_name: LastName, email: Email, phone: Phone, job_title: Title, company_id: AccountId } = data;
    try {
      const sent = { ...fields, FirstName, LastName, Email, Phone, Title, AccountId };
      const response = await nango.post({ endpoint: `${api}/sobjects/Contact`, data: sent });
      return z.object({ id: z.string() }).parse(response.data);
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
