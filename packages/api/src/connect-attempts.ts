/** Attempts: a browser signs in at a provider, and hears from the server alone what became of it. Part of the routes of connecting. */
import * as z from 'zod';
import { Nothing, ProviderConfigKey } from './fields.ts';
import { defineRoute } from './route.ts';

const AttemptId = z.uuid().describe('The id of the attempt.');
const AttemptError = z
  .object({
    type: z.string().describe('What went wrong, to decide by: a problem’s code, or a step of the sign-in such as `token_err`.'),
    message: z.string().describe('The same for people.'),
  })
  .optional()
  .describe('Why it failed; only when it did.');
const secret = (what: string) => z.string().min(1).max(2048).optional().describe(what);

export const attempts = {
  beginAttempt: defineRoute({
    method: 'POST',
    path: '/connect/session/attempts',
    summary: 'Begin to sign in at a provider',
    description:
      'For the browser that holds a connect session, and an integration that sends people to the page of the provider. Open `startUrl` in a popup: it works once, within five minutes, and holds no secret. ' +
      'Ask with the id of the attempt what became of it. An attempt that cannot begin for a reason of the provider answers as failed.',
    caller: 'connectSession',
    query: Nothing,
    body: z.strictObject({
      providerConfigKey: ProviderConfigKey,
      params: z
        .record(z.string().max(255), z.string().max(2048))
        .optional()
        .describe('What the provider needs to know besides credentials. What the session sets wins.'),
      authorizationParams: z
        .record(z.string().max(255), z.string().max(2048))
        .optional()
        .describe('Parameters to add to the page of the provider, unless the session sets some.'),
      credentials: z
        .strictObject({
          oauth_client_id_override: secret('The client id. Counts only together with its secret.'),
          oauth_client_secret_override: secret('Its secret.'),
          oauth_refresh_token_override: secret('A refresh token to keep instead of the one that the provider gives.'),
        })
        .optional()
        .describe('An OAuth client of the end user’s own, instead of the integration’s.'),
      returnTo: z
        .url({ protocol: /^https?$/ })
        .max(2048)
        .optional()
        .describe(
          'For a browser that leaves your page instead of opening a popup: where it is sent back to, with `bowline_attempt` added to the query. Its origin must be among the `return_origins` of the session.',
        ),
    }),
    answer: z.object({
      data: z
        .object({
          status: z.enum(['waiting', 'failed']).describe('`waiting` for the person, or `failed` already.'),
          id: AttemptId.optional().describe('The id of the attempt, while it waits.'),
          providerConfigKey: z.string().optional().describe('The key of the integration, while it waits.'),
          startUrl: z.string().optional().describe('The address to open, while it waits.'),
          expiresAt: z.string().optional().describe('Until when the person may finish, while it waits.'),
          error: AttemptError,
        })
        .describe('The attempt.'),
    }),
    status: 201,
    problems: [
      'unknown_provider_config',
      'unknown_provider_template',
      'invalid_auth_mode',
      'integration_not_allowed',
      'invalid_connection',
    ],
  }),
  getAttempt: defineRoute({
    method: 'GET',
    path: '/connect/session/attempts/:attempt',
    summary: 'What became of an attempt to sign in',
    description:
      'For the browser that began it, with the token of the same session; the session may have expired meanwhile. The answer stays for a day.',
    caller: 'connectSessionOrExpired',
    params: z.strictObject({ attempt: AttemptId }),
    query: Nothing,
    answer: z.object({
      data: z
        .object({
          id: AttemptId,
          status: z.enum(['waiting', 'done', 'failed']).describe('`waiting` for the person, `done`, or `failed`.'),
          providerConfigKey: z.string().describe('The key of the integration.'),
          connectionId: z.string().optional().describe('The id of the connection, new or repaired; only when done.'),
          isPending: z.boolean().optional().describe('Whether the provider has yet to confirm the connection; only when done.'),
          error: AttemptError,
          expiresAt: z.string().describe('Until when the person may finish.'),
        })
        .describe('The attempt.'),
    }),
    problems: ['unknown_connect_attempt'],
  }),
};
