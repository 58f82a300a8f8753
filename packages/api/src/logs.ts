/** The activity log: operations, such as a sync run or a proxy call, with their messages. Secrets were removed before anything was stored. */
import * as z from 'zod';
import { JsonObject } from './fields.ts';
import { defineRoute } from './route.ts';

export const operationTypes = ['sync', 'action', 'proxy', 'auth', 'webhook', 'deploy', 'on_event'] as const;
export const operationStates = ['running', 'success', 'failed', 'cancelled', 'timeout'] as const;
export const messageLevels = ['debug', 'info', 'warn', 'error'] as const;

export const Operation = z
  .object({
    id: z.string().describe('Names the operation, a UUID of version 7: texts of ids sort by when the operations started.'),
    type: z.enum(operationTypes).describe('What kind of work it was.'),
    action: z.string().describe('What exactly, such as `run`, `create_connection` or `deliver`.'),
    state: z.enum(operationStates).describe('How it stands. Any but `running` is final.'),
    title: z.string().describe('One line that a person reads first.'),
    integration: z.string().nullable().describe('The unique key of the integration; null where there is none.'),
    provider: z.string().nullable().describe('The name of the provider; null where there is none.'),
    connection: z.string().nullable().describe('The id of the connection; null where there is none.'),
    function: z.string().nullable().describe('The name of the function; null where none ran.'),
    started_at: z.string().describe('When it started.'),
    ended_at: z.string().nullable().describe('When it ended; null while it runs.'),
    duration_ms: z.number().nullable().describe('How long it took, in milliseconds; null while it runs.'),
    error: z.string().nullable().describe('Why it failed, in one sentence; null when it did not.'),
    meta: JsonObject.nullable().describe('What else is known, by the type of the operation.'),
  })
  .describe('One entry of the activity log.');
export type Operation = z.infer<typeof Operation>;
export const OperationMessage = z
  .object({
    id: z.string().describe('The place of the message: the ids of one operation rise as its messages were written.'),
    at: z.string().describe('When it was written.'),
    level: z.enum(messageLevels).describe('How much it matters.'),
    kind: z.enum(['log', 'http']).describe('`http`: a request that was sent, and what came of it.'),
    message: z.string().describe('The text.'),
    meta: JsonObject.nullable().describe(
      'Its data. For `http`: `{ request: { method, url, headers }, response: { status, headers }, duration_ms, attempt }`, without secrets.',
    ),
  })
  .describe('One message of an operation.');
export type OperationMessage = z.infer<typeof OperationMessage>;
export const FollowedMessage = OperationMessage.extend({ operation_id: z.string().describe('The operation that it belongs to.') });
export type FollowedMessage = z.infer<typeof FollowedMessage>;

const reading = { method: 'GET', caller: 'apiKey', scope: ['environment:logs:read'] } as const;
const name = z.string().max(255).optional();
const MessageId = z
  .string()
  .regex(/^\d{1,18}$/, 'Must be the id of a message')
  .optional();

export const logs = {
  operations: defineRoute({
    ...reading,
    path: '/logs/operations',
    summary: 'List the operations of the activity log, newest first',
    description:
      'Operations are kept for 15 days. An answer to a search may hold fewer than asked for, even none, and still name a cursor from which the search goes on.',
    query: z.strictObject({
      type: z.enum(operationTypes).optional().describe('Only of this type.'),
      state: z.enum(operationStates).optional().describe('Only those that stand so.'),
      integration: name.describe('Only of the integration with this unique key.'),
      connection: name.describe('Only of the connection with this id.'),
      function: name.describe('Only of the function with this name.'),
      search: z
        .string()
        .trim()
        .max(255)
        .optional()
        .describe('Text in the title, function, connection or error, or in the first 500 messages. Upper and lower case are the same.'),
      from: z.iso.datetime().optional().describe('Only those that started at this moment or later: ISO 8601 with `Z`.'),
      to: z.iso.datetime().optional().describe('Only those that started before this moment: ISO 8601 with `Z`.'),
      cursor: z.string().max(255).optional().describe('Go on here: `next_cursor` of a page, or the id of an operation.'),
      limit: z.coerce.number().int().min(1).max(200).default(50).describe('Operations a page, 1 to 200. Default 50.'),
    }),
    answer: z.object({
      operations: z.array(Operation).describe('Newest first, by when they started.'),
      next_cursor: z.string().nullable().describe('Send it as `cursor` for the next page; null at the end.'),
    }),
    problems: ['invalid_cursor'],
  }),
  operation: defineRoute({
    ...reading,
    path: '/logs/operations/:id',
    summary: 'Read one operation with its messages, oldest first',
    params: z.strictObject({ id: z.string().max(64).describe('The id of the operation.') }),
    query: z.strictObject({
      after: z.string().max(64).optional().describe('Only messages behind this one: its id, or `next_cursor` of a page.'),
      limit: z.coerce.number().int().min(1).max(1000).default(500).describe('Messages a page, 1 to 1,000. Default 500.'),
    }),
    answer: z.object({
      operation: Operation.describe('The operation, read before its messages: once it has ended, the pages hold all of them.'),
      messages: z.array(OperationMessage).describe('Oldest first.'),
      next_cursor: z.string().nullable().describe('Send it as `after` for the next page; null when this is all there is now.'),
    }),
    problems: ['not_found'],
  }),
  messages: defineRoute({
    ...reading,
    path: '/logs/messages',
    summary: 'Read new messages of several operations, oldest first',
    description:
      'For following operations that run. The ids of messages rise across operations too, but two processes may store theirs at the same moment: who reads on behind ' +
      'the newest id that was seen ten seconds ago, and drops what was seen already, misses none.',
    query: z.strictObject({
      operation: z
        .union([z.string().transform((id) => [id]), z.array(z.string())])
        .pipe(z.array(z.string().min(1).max(64)).min(1).max(100))
        .describe('The id of an operation; repeat the parameter, up to 100 times. One that is not there is left out.'),
      after: MessageId.describe('Only messages behind this one: its id, or `next_cursor` of a page.'),
      limit: z.coerce.number().int().min(1).max(1000).default(500).describe('Messages a page, 1 to 1,000. Default 500.'),
    }),
    answer: z.object({
      operations: z
        .array(Operation)
        .describe('The operations, read before the messages: of one that has ended, the pages hold all there are.'),
      messages: z.array(FollowedMessage).describe('In the order they were stored.'),
      next_cursor: z.string().nullable().describe('Send it as `after` for the next page; null when this is all there is now.'),
    }),
    problems: [],
  }),
};
