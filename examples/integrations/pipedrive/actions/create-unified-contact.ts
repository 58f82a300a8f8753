/** Creates a person from the unified form, the same input as for every other CRM here. Pipedrive accepts a second one with the same address. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { writeMapped } from '../../fields.js';
import { ContactInput, ContactMetadata, CreatedContact } from '../../unified/contact.js';
import { explain } from '../refusal.js';

const Created = z.object({ data: z.object({ id: z.number() }) });

const action = createAction({
  description: 'Creates a person from the form that is the same for every CRM',
  version: '1.0.0',
  scopes: ['contacts:full'],
  input: ContactInput,
  output: CreatedContact,
  metadata: ContactMetadata,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: ContactInput, input });
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const { fields, unknown } = writeMapped(fieldMapping, data.custom);
    if (unknown.length > 0) throw new nango.ActionError({ message: `The field mapping has no ${unknown.join(', ')}.`, unknown });
    const { first_name, last_name, email, phone, job_title, company_id } = data;
    const channel = (value: string | undefined) => (value === undefined ? undefined : [{ value, primary: true, label: 'work' }]);
    const person = {
      name: [first_name, last_name].filter(Boolean).join(' '),
      emails: channel(email),
      phones: channel(phone),
      job_title,
      org_id: company_id === undefined ? undefined : Number(company_id),
      custom_fields: Object.keys(fields).length > 0 ? fields : undefined,
    };
    try {
      const response = await nango.post({ endpoint: '/v2/persons', data: person });
      return { id: String(Created.parse(response.data).data.id) };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
