/**
 * Creates or changes a record of any object type, found by an external id field of the customer's organisation. Retried: the external id makes
 * a second attempt find what the first one made.
 */
import { createAction } from 'bowline';
import { z } from 'zod';
import { api } from '../records.js';
import { explain } from '../refusal.js';

const name = z.string().regex(/^[A-Za-z]\w*$/);

const Input = z.object({
  object: name.describe("The object's API name, as Account or Invoice__c"),
  external_id_field: name.describe('A field marked as external id, as App_Id__c'),
  external_id: z.string().min(1).describe("The app's own id"),
  fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .describe('Values by API name; null clears a field'),
});

const Result = z.object({ id: z.string(), created: z.boolean() });

const action = createAction({
  description: 'Creates or changes a record that is found by an external id',
  version: '1.0.0',
  scopes: ['api', 'refresh_token'],
  input: Input,
  output: z.object({ id: z.string(), is_new: z.boolean() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { object, external_id_field, external_id, fields } = data;
    try {
      const response = await nango.patch({
        endpoint: `${api}/sobjects/${object}/${external_id_field}/${encodeURIComponent(external_id)}`,
        data: fields,
        retries: 3,
      });
      const { id, created } = Result.parse(response.data);
      return { id, is_new: created };
    } catch (error) {
      throw explain(nango, error);
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
