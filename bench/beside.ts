/** The processes beside a benchmark, by the word they are started with: the platform, an upstream API, the barest proxy Node can do, a bare route. */
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fastify from 'fastify';
import { Agent } from 'undici';
import type { Role } from './platform.ts';
import { root } from './root.ts';

type Start = (options: { env: NodeJS.ProcessEnv }) => Promise<{ apiKey: string; stop(): Promise<void> }>;

const roles: Record<Role, () => Promise<void>> = {
  platform: async () => {
    const main: { start: Start } = await import(pathToFileURL(join(root, 'packages/server/dist/main.js')).href);
    const { apiKey, stop } = await main.start({ env: process.env });
    process.on('SIGTERM', () => stop().finally(() => process.exit(0)));
    process.send?.({ apiKey });
  },
  upstream: async () => {
    const body = Buffer.from(
      JSON.stringify({ items: Array.from({ length: 10 }, (_, id) => ({ id, name: `Item ${id}`, text: 'x'.repeat(64) })) }),
    );
    serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    });
  },
  'raw-proxy': async () => {
    const agent = new Agent({ connections: 256 });
    const origin = process.env.UPSTREAM ?? '';
    serve((request, response) => {
      const headers = { authorization: 'Bearer bench-access-token-0123456789' };
      const options = { origin, path: (request.url ?? '/').slice('/proxy'.length), method: 'GET', headers, opaque: response } as const;
      const start = ({ statusCode, headers }: { statusCode: number; headers: Record<string, string | string[] | undefined> }) =>
        response.writeHead(statusCode, headers);
      agent.stream(options, start).catch(() => response.destroy());
    });
  },
  /** What the framework alone takes to answer SIZE bytes of JSON. */
  bare: async () => {
    const app = fastify();
    const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(Number(process.env.SIZE)) }));
    app.get('/bare', async (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
    app.post('/bare', async () => ({ status: 'success' }));
    await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
    process.on('SIGTERM', () => process.exit(0));
    process.send?.('ready');
  },
};

function serve(listener: RequestListener): void {
  const server = createServer(listener).listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));
  server.keepAliveTimeout = 60_000;
  process.on('SIGTERM', () => process.exit(0));
}

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM')); // the benchmark is gone
await roles[process.argv[2] as Role](); // run by platform.ts, which takes a Role
