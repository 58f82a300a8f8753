/** What account keys may do, and members in the dashboard: make and delete environments and their API keys. */
import * as z from 'zod';
import { EnvironmentName, Nothing, RowId, RowIdText, Success } from './fields.ts';
import { defineRoute } from './route.ts';

const notKept = (what: string) => `Bowline does not do this yet (${what}); leave the field out`;

/** Fields of the wire that ask for what does not exist here are refused by name, unless they ask for nothing. */
const NewEnvironment = z.strictObject({
  name: EnvironmentName,
  is_production: z.boolean().optional(),
  callback_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  hmac_key: z
    .string()
    .max(1000)
    .refine((key) => key === '', notKept('public keys with an HMAC'))
    .optional(),
  hmac_enabled: z
    .boolean()
    .refine((on) => !on, notKept('public keys with an HMAC'))
    .optional(),
  slack_notifications: z
    .boolean()
    .refine((on) => !on, notKept('notifications in Slack'))
    .optional(),
  otlp_endpoint: z
    .union([z.literal(''), z.url()])
    .refine((url) => url === '', notKept('exporting traces'))
    .optional(),
  otlp_headers: z
    .array(z.strictObject({ name: z.string().min(1).max(256), value: z.string().min(1).max(4000) }))
    .max(100)
    .refine((headers) => headers.length === 0, notKept('exporting traces'))
    .optional(),
});

const byAccount = { caller: 'accountKey', query: Nothing } as const;

export const account = {
  createEnvironment: defineRoute({
    ...byAccount,
    method: 'POST',
    path: '/environments',
    summary: 'Make an environment; a production one also needs account:environments:set_production',
    scope: ['account:environments:create'],
    body: NewEnvironment,
    answer: z.object({ data: z.object({ id: z.number(), name: z.string() }) }),
    problems: ['conflict', 'resource_capped', 'invalid_is_prod_flag'],
  }),
  deleteEnvironment: defineRoute({
    ...byAccount,
    method: 'DELETE',
    path: '/environments/:environmentId',
    summary: 'Delete an environment with everything in it',
    scope: ['account:environments:delete'],
    params: z.strictObject({ environmentId: RowIdText }),
    answer: z.undefined(),
    status: 204,
    problems: ['not_found', 'cannot_delete_prod_environment', 'conflict'],
  }),
  createApiKey: defineRoute({
    ...byAccount,
    method: 'POST',
    path: '/environment/api-keys',
    summary: 'Make an API key of an environment, with every right there',
    scope: ['account:environments:api_keys:create'],
    body: z.strictObject({ environment_id: RowId, display_name: z.string().trim().min(1).max(255) }),
    answer: z.object({
      data: z.object({
        id: z.number(),
        display_name: z.string(),
        scopes: z.array(z.string()),
        /** Not answered again; members see it in the dashboard. */
        secret: z.string(),
        created_at: z.string(),
      }),
    }),
    problems: ['not_found', 'conflict', 'resource_capped'],
  }),
  deleteApiKey: defineRoute({
    ...byAccount,
    method: 'DELETE',
    path: '/environment/api-keys',
    summary: 'Delete an API key of an environment; it stops working at once',
    scope: ['account:environments:api_keys:delete'],
    body: z.strictObject({ environment_id: RowId, key_id: RowId }),
    answer: Success,
    problems: ['not_found', 'conflict'],
  }),
};
