/**
 * A stand-in for an external API: a real HTTP server whose answers a test scripts by path, and which keeps all it received.
 * What no test scripted is answered 404, so a request to the wrong path cannot pass for the right one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export type Received = {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** How many requests this path had before. */
  readonly index: number;
};
type Reply = (request: Received, response: ServerResponse) => unknown;

export type Upstream = {
  readonly url: string;
  readonly port: number;
  /** Requests in order of arrival, of one path when named. */
  received(path?: string): Received[];
  /** Answers everything under this path, whatever its query. Later ones replace earlier ones. */
  on(path: string, reply: Reply): void;
  /** Connections open now. */
  connections(): Promise<number>;
};

/** Closed when the test file is done. */
export async function startUpstream(): Promise<Upstream> {
  const replies = new Map<string, Reply>();
  const log: Received[] = [];
  const pathOf = (url: string) => url.split('?')[0] ?? '';
  const received = (path?: string) => log.filter(({ url }) => path === undefined || pathOf(url) === path);
  const server = createServer(async (request, response): Promise<void> => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the caller went away in the middle of its body
    }
    const { method = '', url = '', headers, rawHeaders } = request;
    const path = pathOf(url);
    const one: Received = { method, url, headers, rawHeaders, body: Buffer.concat(chunks), index: received(path).length };
    log.push(one);
    const reply = replies.get(path);
    if (!reply) return void response.writeHead(404).end('not scripted');
    await reply(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    on: (path, reply) => void replies.set(path, reply),
    connections: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
  };
}

export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
