/** Shared by the actions that create issues. */
import type { NangoAction } from 'bowline';
import { z } from 'zod';
import { siteOf } from './site.js';

const Created = z.object({ id: z.string(), key: z.string() });

/** Jira says what is wrong field by field: `{ errors: { issuetype: 'Specify a valid issue type' } }`. */
const Refusal = z.object({
  response: z.object({
    status: z.literal(400),
    data: z.object({ errorMessages: z.array(z.string()).optional(), errors: z.record(z.string(), z.string()).optional() }),
  }),
});

/** @throws ActionError with what Jira says of each field */
export const createIssue = async (nango: NangoAction, fields: object): Promise<{ id: string; key: string; url: string }> => {
  const { api, browse } = await siteOf(nango);
  const response = await nango.post({ endpoint: `${api}/issue`, data: { fields } }).catch((error: unknown) => {
    const refusal = Refusal.safeParse(error);
    if (!refusal.success) throw error;
    const { errorMessages = [], errors = {} } = refusal.data.response.data;
    const said = [...errorMessages, ...Object.entries(errors).map(([field, text]) => `${field}: ${text}`)];
    throw new nango.ActionError({ message: `Jira refused the issue. ${said.join(' ')}`, fields: errors });
  });
  const { id, key } = Created.parse(response.data);
  return { id, key, url: browse(key) };
};
