/**
 * The protocol is the library's (decisions/019): handshake, versions, what a message may hold. It knows two generations of clients, those that begin with
 * `initialize` and those that need no handshake. It is loaded by the first call, so that whoever does not use it pays nothing for it.
 */
import type { Server } from '@modelcontextprotocol/server';
import manifest from '../../package.json' with { type: 'json' };
import type { RunWorld } from '../runs/context.ts';
import { failureOf } from './failure.ts';
import { callTool, listTools, type ToolCaller } from './tools.ts';

type Library = typeof import('@modelcontextprotocol/server');
type Asked = { readonly headers: Record<string, string>; readonly message: unknown };

/** Nothing is kept between two messages: each has a server of its own. Never throws for what a caller sends or an action does. */
export async function answerMessage(world: RunWorld, caller: ToolCaller, { headers, message }: Asked): Promise<Response> {
  const library = await import('@modelcontextprotocol/server');
  const build = () => createTools(library, world, caller);
  const request = new Request(`${world.config.publicUrl}/mcp`, { method: 'POST', headers });
  const errors: unknown[] = [];
  const response = await ((await library.isLegacyRequest(request, message))
    ? answerWithHandshake(library, build(), request, message)
    : // A subscription would hold a request open to be told of changes that we do not announce.
      library
        .createMcpHandler(build, { legacy: 'reject', maxSubscriptions: 0, onerror: (error) => errors.push(error) })
        .fetch(request, { parsedBody: message }));
  if (response.status >= 500) world.log.error({ err: errors[0], request: caller.requestId }, 'an MCP message failed unexpectedly');
  return response;
}

async function answerWithHandshake(library: Library, server: Server, request: Request, message: unknown): Promise<Response> {
  const transport = new library.WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}

function createTools({ Server, ProtocolError }: Library, world: RunWorld, caller: ToolCaller): Server {
  const server = new Server({ name: 'bowline', title: 'Bowline', version: manifest.version }, { capabilities: { tools: {} } });
  const orFailure = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      const { code, message, data } = failureOf(world, caller.requestId, error);
      throw new ProtocolError(code, message, data);
    }
  };
  server.setRequestHandler('tools/list', async () => ({ tools: await orFailure(listTools(world, caller)) }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    const text = await orFailure(callTool(world, caller, params));
    return { content: [{ type: 'text', text }] };
  });
  return server;
}
