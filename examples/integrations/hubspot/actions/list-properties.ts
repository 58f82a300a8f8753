/** The properties of an object type, custom ones included: what a field mapping is chosen from in the app's settings. */
import { createAction } from 'bowline';
import { z } from 'zod';

const Input = z.object({ object: z.enum(['contacts', 'companies', 'deals', 'tickets']) });

const Property = z.object({
  name: z.string().describe('What a field mapping and the API call it'),
  label: z.string().describe('What people see in HubSpot'),
  type: z.string().describe('string, number, date, datetime, enumeration, bool, …'),
  is_custom: z.boolean(),
  is_read_only: z.boolean(),
  options: z.array(z.object({ label: z.string(), value: z.string() })),
});

const HubspotProperty = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  hubspotDefined: z.boolean().optional(),
  hidden: z.boolean().optional(),
  modificationMetadata: z.object({ readOnlyValue: z.boolean() }).optional(),
  options: z.array(z.object({ label: z.string(), value: z.string() })).optional(),
});

const action = createAction({
  description: 'Properties of an object type, to choose a field mapping from',
  version: '1.0.0',
  scopes: ['crm.objects.contacts.read'],
  input: Input,
  output: z.object({ properties: z.array(Property) }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const response = await nango.get({ endpoint: `/crm/v3/properties/${data.object}`, retries: 3 });
    const { results } = z.object({ results: z.array(HubspotProperty) }).parse(response.data);
    return {
      properties: results
        .filter(({ hidden }) => hidden !== true)
        .map(({ name, label, type, hubspotDefined, modificationMetadata, options = [] }) => ({
          name,
          label,
          type,
          is_custom: hubspotDefined !== true,
          is_read_only: modificationMetadata?.readOnlyValue ?? false,
          options,
        })),
    };
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
