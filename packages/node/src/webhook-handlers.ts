/** Routes that receive webhooks, in the three shapes that frameworks have. Shapes are all that is asked of them, so none is depended on. */
import type { Body } from './signature.ts';
import { joinChunks, receive, TooLarge, type WebhookOptions, wasParsed } from './webhook-receiver.ts';

/**
 * Takes a web `Request` and gives a `Response`: Next.js route handlers, Hono, Bun, Deno, workers. Mount it for POST.
 *
 * @example
 * import { webhookHandler } from '@bowline/node';
 * const POST = webhookHandler({
 *   client,
 *   onEvent: async (event) => {
 *     if (event.type === 'sync' && event.success) await read(event.connectionId, event.model);
 *   },
 * });
 */
export function webhookHandler(options: WebhookOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const { method, headers } = request;
    const { status, body, ...rest } = await receive(options, { method, headers, readBody: (limit) => readWeb(request, limit) });
    return new Response(body, { status, ...rest });
  };
}

async function readWeb(request: Request, limit: number): Promise<Body> {
  if (request.bodyUsed) throw wasParsed('Do not call request.json() or text() before the handler, or give it request.clone().');
  if (!request.body) return '';
  // A reader, since not every runtime lets streams be iterated.
  const reader = request.body.getReader();
  const chunks = async function* () {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  };
  try {
    return await joinChunks(chunks(), limit);
  } catch (error) {
    await reader.cancel().catch(() => {});
    throw error;
  }
}

type NodeRequest = AsyncIterable<Uint8Array | string> & {
  method?: string | undefined;
  headers: { readonly [name: string]: unknown };
  readableDidRead?: boolean;
};
type NodeResponse = { writeHead: (status: number, headers: Record<string, string>) => unknown; end: (body: string) => unknown };

/**
 * Takes Node's request and response: Express, Connect, Next.js API routes, `node:http`. Mount it before whatever parses bodies, such as `express.json()`.
 *
 * @example
 * import { createServer } from 'node:http';
 * import { nodeWebhookHandler } from '@bowline/node';
 * createServer(nodeWebhookHandler({ client, onEvent: (event) => console.log(event.type) })).listen(3000);
 */
export function nodeWebhookHandler(options: WebhookOptions): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  return async (request, response) => {
    const { method = '', headers } = request;
    const { status, body, ...rest } = await receive(options, { method, headers, readBody: (limit) => readNode(request, limit) });
    response.writeHead(status, { ...rest.headers, ...(status === 413 ? { connection: 'close' } : {}) });
    response.end(body);
  };
}

async function readNode(request: NodeRequest, limit: number): Promise<Body> {
  const kept = rawOf(request);
  if (kept !== undefined && kept.length > limit) throw new TooLarge(limit);
  if (kept !== undefined) return kept;
  if (request.readableDidRead)
    throw wasParsed("Mount the handler before express.json(), or parse its path with express.raw({ type: '*/*' }) instead.");
  return joinChunks(request, limit);
}

/** What others kept of it: `rawBody` of Nest and of functions in clouds, or a body that was only collected. Getters count. */
function rawOf(request: object): Body | undefined {
  return ['rawBody', 'body'].map((name): unknown => Reflect.get(request, name)).find(isRaw);
}

const isRaw = (value: unknown): value is Body => typeof value === 'string' || value instanceof Uint8Array;

type FastifyApp = {
  removeAllContentTypeParsers: () => unknown;
  addContentTypeParser: (type: string, parse: (request: unknown, payload: unknown, done: (error: null) => void) => void) => unknown;
  post: (
    path: string,
    handle: (request: { raw: NodeRequest }, reply: { hijack: () => unknown; raw: NodeResponse }) => Promise<void>,
  ) => unknown;
};

/**
 * A plugin of Fastify with one route. What it does about parsing bodies stays within it, so the rest of the app is parsed as before.
 *
 * @example
 * import { type FastifyInstance } from 'fastify';
 * import { fastifyWebhooks } from '@bowline/node';
 * const mount = (app: FastifyInstance) =>
 *   app.register(fastifyWebhooks({ client, onEvent: (event) => console.log(event.type) }), { prefix: '/webhooks' });
 */
export function fastifyWebhooks(options: WebhookOptions): (app: FastifyApp) => Promise<void> {
  const handle = nodeWebhookHandler(options);
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.post('/', (request, reply) => {
      reply.hijack();
      return handle(request.raw, reply.raw);
    });
  };
}
