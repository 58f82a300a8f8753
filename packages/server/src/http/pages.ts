/** The dashboard's files, and its first page for every address that a browser opens and that is nothing else. Programs get JSON. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problem } from '@bowline/api/problem';
import { routes } from '@bowline/api/routes';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendError } from './answer.ts';

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/** Below these an address is the API's, whoever asks: a page in place of a 404 would hide the mistake. An environment is better not named so. */
const apiFolders = new Set([
  ...Object.values(routes).flatMap((byName) => Object.values<{ path: string }>(byName).map(({ path }) => folderOf(path))),
  ...['api', 'api-auth', 'app-auth', 'auth', 'functions', 'images', 'mcp', 'oauth', 'oauth2', 'proxy', 'reference', 'v1', 'webhook'],
]);

export async function bindDashboard(app: FastifyInstance): Promise<void> {
  const folder = fileURLToPath(new URL('../../../../apps/dashboard/dist', import.meta.url));
  const built = existsSync(`${folder}/index.html`);
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      setHeaders: (reply, path) => {
        const hashed = path.includes('/assets/');
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
        reply.header('content-security-policy', PAGE_POLICY);
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    if (built && wantsPage(request)) return reply.sendFile('index.html');
    return sendError(request, reply, problem('not_found', { message: `There is no ${request.method} ${request.url.split('?')[0]}` }));
  });
}

function wantsPage({ method, headers, url }: FastifyRequest): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  return reads && (headers.accept ?? '').includes('text/html') && !apiFolders.has(folderOf(url));
}

function folderOf(url: string): string {
  return (url.split('?')[0]?.split('/')[1] ?? '').toLowerCase();
}
