/** The actions of a connection as tools of a language model: the Model Context Protocol over one route. What is inside a message is the protocol's, not the contract's. */
import * as z from 'zod';
import { ConnectionHeaders, JsonObject } from './fields.ts';
import { defineRoute } from './route.ts';

/** One message; a list of them would do for one request what the rate limit counts many for. Answers are not taken: this server asks its clients nothing. */
export const McpMessage = z
  .strictObject({
    jsonrpc: z.literal('2.0').describe('The version of JSON-RPC.'),
    id: z
      .union([z.string().max(255), z.int()])
      .optional()
      .describe('The answer has it again. A message without one is a notification: it gets no answer, only 202.'),
    method: z.string().min(1).max(255).describe('Of the protocol: `initialize`, `tools/list`, `tools/call` …'),
    params: JsonObject.optional().describe('What the method takes; for `tools/call` the name of the action and its `arguments`.'),
  })
  .describe('One JSON-RPC 2.0 message of the Model Context Protocol.');

export const mcp = {
  call: defineRoute({
    method: 'POST',
    path: '/mcp',
    summary: 'The actions of a connection as MCP tools; answers one JSON-RPC message, and nothing to a notification',
    description:
      'Each enabled action of the integration is a tool, with its input schema. A call runs the action for the connection and waits. ' +
      'There is no session: every request stands alone. Failures of an action are JSON-RPC errors.',
    caller: 'apiKey',
    scope: ['environment:mcp'],
    headers: ConnectionHeaders,
    body: McpMessage,
    answer: z.unknown(),
    accepted: z.undefined(),
    problems: ['unknown_provider_config', 'unknown_connection'],
  }),
};
