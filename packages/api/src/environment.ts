/** What belongs to the environment itself, and whether the server is well. */
import * as z from 'zod';
import { Nothing } from './fields.ts';
import { defineRoute } from './route.ts';

const Result = z.object({ result: z.string() });

export const environment = {
  variables: defineRoute({
    method: 'GET',
    path: '/environment-variables',
    summary: 'The variables that functions can read',
    caller: 'apiKey',
    scope: ['environment:variables:read'],
    query: Nothing,
    answer: z.array(z.object({ name: z.string(), value: z.string() })),
    problems: [],
  }),
  rotateSigningKey: defineRoute({
    method: 'POST',
    path: '/environment/webhook-signing-key/rotate',
    summary: 'Replace the key that signs webhooks',
    caller: 'apiKey',
    scope: ['environment:webhook_signing_key:rotate'],
    query: Nothing,
    answer: z.object({ data: z.object({ webhook_signing_key: z.string() }) }),
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
