/** What account keys may do, and members in the dashboard: make and delete environments and their API keys. */
import * as z from 'zod';
import { EnvironmentName, Nothing, RowId, RowIdText, Success } from './fields.ts';
import { defineRoute } from './route.ts';

const notKept = (what: string) => `Bowline does not do this yet (${what}); leave the field out`;

/** Fields of the wire that ask for what does not exist here are refused by name, unless they ask for nothing. */
const NewEnvironment = z.strictObject({
  name: EnvironmentName,
  is_production: z.boolean().optional().describe('Whether it is for production. Default: only when its name is `prod`.'),
  callback_url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional()
    .describe('Where providers send people back to after they allowed access, instead of the callback of this server.'),
  hmac_key: z
    .string()
    .max(1000)
    .refine((key) => key === '', notKept('public keys with an HMAC'))
    .optional()
    .describe('Not done here yet: only an empty text is taken.'),
  hmac_enabled: z
    .boolean()
    .refine((on) => !on, notKept('public keys with an HMAC'))
    .optional()
    .describe('Not done here yet: only `false` is taken.'),
  slack_notifications: z
    .boolean()
    .refine((on) => !on, notKept('notifications in Slack'))
    .optional()
    .describe('Not done here yet: only `false` is taken.'),
  otlp_endpoint: z
    .union([z.literal(''), z.url()])
    .refine((url) => url === '', notKept('exporting traces'))
    .optional()
    .describe('Not done here yet: only an empty text is taken.'),
  otlp_headers: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256).describe('The name of the header.'),
        value: z.string().min(1).max(4000).describe('Its value.'),
      }),
    )
    .max(100)
    .refine((headers) => headers.length === 0, notKept('exporting traces'))
    .optional()
    .describe('Not done here yet: only an empty list is taken.'),
});

const InAccount = RowId.describe('The id of the environment.');
const byAccount = { caller: 'accountKey', query: Nothing } as const;

export const account = {
  createEnvironment: defineRoute({
    ...byAccount,
    method: 'POST',
    path: '/environments',
    summary: 'Make an environment; a production one also needs account:environments:set_production',
    scope: ['account:environments:create'],
    body: NewEnvironment,
    answer: z.object({
      data: z
        .object({ id: z.number().describe('The id, which the other routes of accounts ask for.'), name: z.string().describe('The name.') })
        .describe('The new environment.'),
    }),
    problems: ['conflict', 'resource_capped', 'invalid_is_prod_flag'],
  }),
  deleteEnvironment: defineRoute({
    ...byAccount,
    method: 'DELETE',
    path: '/environments/:environmentId',
    summary: 'Delete an environment with everything in it',
    description:
      'Its keys stop working at once and its name is free. The environment named `prod` and the last one of an account cannot be deleted.',
    scope: ['account:environments:delete'],
    params: z.strictObject({ environmentId: RowIdText.meta({ description: 'The id of the environment, a whole number.', examples: [7] }) }),
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
    body: z.strictObject({
      environment_id: InAccount,
      display_name: z.string().trim().min(1).max(255).describe('A name to know it by, unique in the environment.'),
    }),
    answer: z.object({
      data: z
        .object({
          id: z.number().describe('The id, to delete it by.'),
          display_name: z.string().describe('Its name.'),
          scopes: z.array(z.string()).describe('What it may do: everything in its environment.'),
          secret: z.string().describe('The key itself, a UUID. No route answers it again; members see it in the dashboard.'),
          created_at: z.string().describe('When it was made.'),
        })
        .describe('The new key.'),
    }),
    problems: ['not_found', 'conflict', 'resource_capped'],
  }),
  deleteApiKey: defineRoute({
    ...byAccount,
    method: 'DELETE',
    path: '/environment/api-keys',
    summary: 'Delete an API key of an environment; it stops working at once',
    scope: ['account:environments:api_keys:delete'],
    body: z.strictObject({ environment_id: InAccount, key_id: RowId.describe('The id of the key.') }),
    answer: Success,
    problems: ['not_found', 'conflict'],
  }),
};
