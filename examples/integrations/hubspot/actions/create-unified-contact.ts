/** Creates a contact from the unified form, the same input as for every other CRM here. */
import { createAction } from 'bowline';
import { writeMapped } from '../../fields.js';
import { ContactInput, ContactMetadata, CreatedContact } from '../../unified/contact.js';
import { explain, HubspotContact } from '../contact.js';

/** HubSpot's number for "contact to company". */
const contactToCompany = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }];

const action = createAction({
  description: 'Creates a contact from the form that is the same for every CRM',
  version: '1.0.0',
  scopes: ['crm.objects.contacts.write'],
  input: ContactInput,
  output: CreatedContact,
  metadata: ContactMetadata,

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: ContactInput, input });
    const { fieldMapping = {} } = (await nango.getMetadata()) ?? {};
    const { fields, unknown } = writeMapped(fieldMapping, data.custom);
    if (unknown.length > 0) throw new nango.ActionError({ message: `The field mapping has no ${unknown.join(', ')}.`, unknown });
    const { first_name: firstname, last_name: lastname, email, phone, job_title: jobtitle, company_id } = data;
    try {
      const response = await nango.post({
        endpoint: '/crm/v3/objects/contacts',
        data: {
          properties: { ...fields, firstname, lastname, email, phone, jobtitle },
          ...(company_id !== undefined && { associations: [{ to: { id: company_id }, types: contactToCompany }] }),
        },
      });
      return { id: HubspotContact.parse(response.data).id };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
