/** The fields of an object type, custom ones included: what a field mapping is chosen from in the app's settings. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { api } from '../records.js';
import { explain } from '../refusal.js';

const Input = z.object({
  object: z
    .string()
    .regex(/^[A-Za-z]\w*$/)
    .describe("The object's API name, as Account or Invoice__c"),
});

const Field = z.object({
  name: z.string().describe('The API name, as Tier__c'),
  label: z.string().describe('What people see in Salesforce'),
  type: z.string().describe('string, double, picklist, reference, datetime, …'),
  is_custom: z.boolean(),
  is_writable: z.boolean(),
  options: z.array(z.object({ label: z.string(), value: z.string() })),
});

const Description = z.object({
  fields: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      type: z.string(),
      custom: z.boolean(),
      updateable: z.boolean(),
      picklistValues: z.array(z.object({ active: z.boolean(), label: z.string().nullable(), value: z.string() })),
    }),
  ),
});

const action = createAction({
  description: 'Fields of an object type, to choose a field mapping from',
  version: '1.0.0',
  scopes: ['api', 'refresh_token'],
  input: Input,
  output: z.object({ fields: z.array(Field) }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    try {
      const response = await nango.get({ endpoint: `${api}/sobjects/${data.object}/describe`, retries: 3 });
      const { fields } = Description.parse(response.data);
      return {
        fields: fields.map(({ name, label, type, custom, updateable, picklistValues }) => ({
          name,
          label,
          type,
          is_custom: custom,
          is_writable: updateable,
          options: picklistValues
            .filter(({ active }) => active)
            .map((option) => ({ label: option.label ?? option.value, value: option.value })),
        })),
      };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
