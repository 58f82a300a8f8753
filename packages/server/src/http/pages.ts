/** The pages a browser opens: the connect page below `/connect/`, and the dashboard at every address that is nothing else. Programs get JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problem } from '@bowline/api/problem';
import { routes } from '@bowline/api/routes';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../base/world.ts';
import { sendError } from './answer.ts';

const DASHBOARD_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/** Below these an address is the API's, whoever asks: a page in place of a 404 would hide the mistake. An environment is better not named so. */
const apiFolders = new Set([
  ...Object.values(routes).flatMap((byName) => Object.values<{ path: string }>(byName).map(({ path }) => folderOf(path))),
  ...['api', 'api-auth', 'app-auth', 'auth', 'functions', 'images', 'mcp', 'oauth', 'oauth2', 'proxy', 'reference', 'v1', 'webhook'],
]);

/** Which pages may frame the connect page, and the address that they know this server by. */
type Needs = { readonly config: Pick<World['config'], 'connectEmbedders' | 'publicUrl'> };

export async function bindPages(app: FastifyInstance, world: Needs): Promise<void> {
  await bindConnectPage(app, world);
  const folder = folderOfApp('dashboard');
  const built = existsSync(`${folder}/index.html`);
  if (built) {
    const dress = (reply: FastifyReply) => reply.header('content-security-policy', DASHBOARD_POLICY);
    await serveFolder(app, { folder, prefix: '/', dress });
    await serveFolder(app, { folder: `${folder}/assets`, prefix: '/assets/', dress });
  }
  app.setNotFoundHandler((request, reply) => {
    if (built && wantsPage(request)) return reply.sendFile('index.html');
    return sendError(request, reply, problem('not_found', { message: `There is no ${request.method} ${request.url.split('?')[0]}` }));
  });
}

/**
 * The one page that other sites may frame. It reads no cookie and no storage, so a frame gives its owner nothing that the token in it does
 * not give already. Older browsers obey `x-frame-options`, which cannot name sites, before the policy.
 */
async function bindConnectPage(app: FastifyInstance, { config }: Needs): Promise<void> {
  const folder = folderOfApp('connect');
  if (!existsSync(`${folder}/index.html`)) return;
  const live = config.publicUrl.replace(/^http/, 'ws');
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    `img-src 'self' ${config.publicUrl} data:`,
    `connect-src 'self' ${live}`, // Safari before 15.4 does not count ws: as 'self'
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${config.connectEmbedders ? ["'self'", ...config.connectEmbedders].join(' ') : '*'}`,
  ].join('; ');
  const dress = (reply: FastifyReply) =>
    reply.header('content-security-policy', policy).header('referrer-policy', 'no-referrer').removeHeader('x-frame-options');
  await serveFolder(app, { folder, prefix: '/connect/', dress });
  const page = readFileSync(`${folder}/index.html`);
  app.get('/connect/', async ({ url }, reply) => {
    const [path = '', ...query] = url.split('?');
    // To the router both are one; the files of the page are named relative to the one with the slash.
    if (!path.endsWith('/')) return reply.redirect(['/connect/', ...query].join('?'), 302);
    return dress(reply).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page);
  });
}

type Folder = { folder: string; prefix: string; dress: (reply: FastifyReply) => unknown };

async function serveFolder(app: FastifyInstance, { folder, prefix, dress }: Folder): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    prefix,
    // At `/` only what is a file: the rest are pages of the dashboard. Each file is a route then, which for all of `assets` took 60 ms of every start.
    wildcard: prefix !== '/',
    globIgnore: ['assets/**'],
    decorateReply: prefix === '/',
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/');
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      dress(reply);
    },
  });
}

function folderOfApp(name: 'dashboard' | 'connect'): string {
  return fileURLToPath(new URL(`../../../../apps/${name}/dist`, import.meta.url));
}

function wantsPage({ method, headers, url }: FastifyRequest): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  return reads && (headers.accept ?? '').includes('text/html') && !apiFolders.has(folderOf(url));
}

function folderOf(url: string): string {
  return (url.split('?')[0]?.split('/')[1] ?? '').toLowerCase();
}
