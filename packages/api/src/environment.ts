/** What belongs to the environment itself, and whether the server is well. */
import * as z from 'zod';
import { Nothing, OverlapHours } from './fields.ts';
import { defineRoute } from './route.ts';

export const roles = ['api', 'worker', 'scheduler'] as const;

const Result = z.object({ result: z.string().describe('`ok` when it is.') });
const Roles = z
  .array(z.enum(roles))
  .describe('What the process does: `api` answers requests, `worker` takes jobs, `scheduler` starts what is due.');
const Version = z.string().describe('The version of Bowline that it runs.');
const Process = z.object({
  id: z.string().describe('Names the process while it lives.'),
  host: z.string().describe('The name of its machine, or of its container.'),
  pid: z.int().describe('Its number there.'),
  roles: Roles,
  version: Version,
  state: z
    .enum(['alive', 'silent', 'outdated'])
    .describe(
      '`alive` when it was heard of within 20 seconds; `silent` when not, which is forgotten after 10 minutes; `outdated` when the schema is too new for its version.',
    ),
  started_at: z.string().describe('When it started, in ISO 8601.'),
  last_beat_at: z.string().describe('When it was last heard of, in ISO 8601; every 5 seconds.'),
});
export type Process = z.infer<typeof Process>;

/** From what somebody waits for to what takes long anyway: each class has workers, or room, that the later ones do not take. */
export const workClasses = ['action', 'webhook', 'incremental', 'backfill', 'other'] as const;
export type WorkClass = (typeof workClasses)[number];
const WaitingClass = z.object({
  class: z
    .enum(workClasses)
    .describe(
      '`action`: asynchronous actions. `webhook`: events, their functions, webhooks out. `incremental`: syncs that have succeeded before. `backfill`: first runs, and runs from the start. `other`: deployments, dry runs, clearing up.',
    ),
  age_ms: z
    .number()
    .nullable()
    .describe('For how long the oldest work that nobody has taken has been due, in milliseconds; null: none waits.'),
});
export type WaitingClass = z.infer<typeof WaitingClass>;

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
      'From the next attempt on the two `x-nango-` headers are of the new key. `webhook-signature` holds a signature of the old key, too, for `overlap_hours`, so that an app that checks that one misses nothing until it knows the new key.',
    caller: 'apiKey',
    scope: ['environment:webhook_signing_key:rotate'],
    query: z.strictObject({ overlap_hours: OverlapHours }),
    answer: z.object({
      data: z
        .object({
          webhook_signing_key: z.string().describe('The new key, a UUID. It signs from the next attempt on.'),
          webhook_secret: z.string().describe('The same key as libraries of standardwebhooks.com take it, beginning with `whsec_`.'),
        })
        .describe('The new key.'),
    }),
    problems: ['not_found'],
  }),
  health: defineRoute({
    method: 'GET',
    path: '/health',
    summary: 'Is the process alive, and what is it',
    caller: 'public',
    answer: Result.extend({ version: Version, roles: Roles }),
    problems: [],
  }),
  processes: defineRoute({
    method: 'GET',
    path: '/processes',
    summary: 'The processes that work on this database, and how they are',
    description: 'Any key of an environment may ask. A process that ends in good order is not listed any more.',
    caller: 'apiKey',
    query: Nothing,
    answer: z.object({ data: z.array(Process).describe('The processes, the oldest first.') }),
    problems: [],
  }),
  queue: defineRoute({
    method: 'GET',
    path: '/processes/queue',
    summary: 'How long work waits for a process, by class',
    description: 'Any key of an environment may ask. It is of all environments of the server, so it tells no numbers; `GET /metrics` does.',
    caller: 'apiKey',
    query: Nothing,
    answer: z.object({ data: z.array(WaitingClass).describe('One for each class, the most urgent first.') }),
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
