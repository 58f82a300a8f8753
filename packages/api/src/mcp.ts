/** The actions of a connection as tools of a language model: the Model Context Protocol over one route. What is inside a message is the protocol's, not the contract's. */
import * as z from 'zod';
import { ConnectionHeaders, JsonObject } from './fields.ts';
import { defineRoute } from './route.ts';

/** One message; a list of them would do for one request what the rate limit counts many for. Answers are not taken: this server asks its clients nothing. */
export const McpMessage = z
  .strictObject({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.string().max(255), z.int()]).optional(),
    method: z.string().min(1).max(255),
    params: JsonObject.optional(),
  })
  .meta({
    description: 'One JSON-RPC 2.0 message of the Model Context Protocol; without an id it is a notification.',
    examples: [{ jsonrpc: '2.0', id: 1, method: 'tools/list' }],
  });

export const mcp = {
  call: defineRoute({
    method: 'POST',
    path: '/mcp',
    summary: 'The actions of a connection as MCP tools; answers one JSON-RPC message, and nothing to a notification',
    caller: 'apiKey',
    scope: ['environment:mcp'],
    headers: ConnectionHeaders,
    body: McpMessage,
    answer: z.unknown(),
    accepted: z.undefined(),
    problems: ['unknown_provider_config', 'unknown_connection'],
  }),
};
