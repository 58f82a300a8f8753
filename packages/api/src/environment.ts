/** What belongs to the environment itself, and whether the server is well. */
import * as z from 'zod';
import { Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

const Result = z.object({ result: z.string().describe('`ok` when it is.') });

export const environment = {
  current: defineRoute({
    method: 'GET',
    path: '/environment',
    summary: 'The environment that the key belongs to, and what the key may do',
    description: 'Any key of an environment may ask.',
    caller: 'apiKey',
    query: Nothing,
    answer: z.object({
      data: z
        .object({
          name: z.string().describe('The name, such as `dev` or `prod`: unique in the account.'),
          uuid: z.string().describe('Names the environment in the addresses that providers send webhooks to.'),
          is_production: z.boolean().describe('Whether it is marked as production.'),
          scopes: z.array(z.string()).describe('What the key may do; a grant may end in `:*`.'),
        })
        .describe('The environment.'),
    }),
    problems: ['not_found'],
  }),
  variables: defineRoute({
    method: 'GET',
    path: '/environment-variables',
    summary: 'The variables that functions can read',
    caller: 'apiKey',
    scope: ['environment:variables:read'],
    query: Nothing,
    answer: z.array(z.object({ name: z.string().describe('The name.'), value: z.string().describe('The value, in the clear.') })),
    problems: [],
  }),
  rotateSigningKey: defineRoute({
    method: 'POST',
    path: '/environment/webhook-signing-key/rotate',
    summary: 'Replace the key that signs webhooks',
    description:
      'There is no overlap: the next webhook is signed with the new key, and a webhook that is sent again is too. Let your app take both for a while.',
    caller: 'apiKey',
    scope: ['environment:webhook_signing_key:rotate'],
    query: Nothing,
    answer: z.object({
      data: z
        .object({ webhook_signing_key: z.string().describe('The new key, a UUID. It signs from the next webhook on.') })
        .describe('The new key.'),
    }),
    problems: ['not_found'],
  }),
  health: defineRoute({
    method: 'GET',
    path: '/health',
    summary: 'Is the process alive',
    caller: 'public',
    answer: Result,
    problems: [],
  }),
  ready: defineRoute({
    method: 'GET',
    path: '/ready',
    summary: 'Should the process get requests: 503 and "not ready" while it starts, stops or has no database',
    caller: 'public',
    answer: Result,
    problems: [],
  }),
};
