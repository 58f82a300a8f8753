/** Who may call, and every domain's routes. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dashboard } from '@bowline/api/dashboard';
import { environment } from '@bowline/api/environment';
import { problem } from '@bowline/api/problem';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bindAccountRoutes } from './accounts/routes.ts';
import { ENVIRONMENT_HEADER, resolveMember, SESSION_COOKIE } from './accounts/session.ts';
import { bindActionRoutes } from './actions/routes.ts';
import type { World } from './base/world.ts';
import { serveLive } from './connect/live.ts';
import { bindConnectRoutes, bindOauthPages } from './connect/routes.ts';
import { isSessionToken, resolveSession } from './connect/session.ts';
import { countConnections } from './connections/find.ts';
import { bindConnectionRoutes } from './connections/routes.ts';
import { countFunctions } from './deployments/find.ts';
import { bindDeploymentRoutes } from './deployments/routes.ts';
import { type ApiKeys, openApiKeys } from './environments/resolve-api-key.ts';
import { bindEnvironmentRoutes } from './environments/routes.ts';
import { sendError } from './http/answer.ts';
import { bindLive } from './http/live.ts';
import { bindOpenApi } from './http/openapi.ts';
import { type Authenticators, createServe, type Serve } from './http/serve.ts';
import { createServer } from './http/server.ts';
import { countIntegrations } from './integrations/find.ts';
import { bindIntegrationRoutes, bindLogos } from './integrations/routes.ts';
import { operationHours } from './logs/hours.ts';
import { bindLogRoutes } from './logs/routes.ts';
import { bindProxyRoutes } from './proxy/routes.ts';
import { countOfEnvironment } from './records/counts.ts';
import { recordRoutes } from './records/routes.ts';
import type { RunWorld } from './runs/context.ts';
import { countSyncs } from './syncs/find.ts';
import { bindSyncRoutes } from './syncs/routes.ts';

/** Everything but listening. Closing the answer closes its sockets too. */
export async function createApp(world: RunWorld): Promise<FastifyInstance> {
  const app = await createServer({ log: world.log, uuid: () => world.random.uuid(), secure: world.config.publicUrl.startsWith('https:') });
  const keys = openApiKeys(world);
  app.addHook('onClose', async () => keys.close());
  const authenticators = createAuthenticators(world, keys);
  const serve = createServe(app, authenticators);
  serve(environment.health).by(async () => ({ result: 'ok' }));
  bindAccountRoutes(serve, world);
  bindEnvironmentRoutes(serve, world);
  bindLogRoutes(serve, world);
  bindIntegrationRoutes(serve, world);
  bindDeploymentRoutes(serve, world);
  bindConnectionRoutes(serve, world);
  bindConnectRoutes(serve, world);
  recordRoutes(serve, world);
  bindSyncRoutes(serve, world);
  bindActionRoutes(serve, world);
  bindOverview(serve, world);
  bindOauthPages(app, world);
  bindLogos(app, world);
  bindProxyRoutes(app, world, authenticators);
  bindLive(app, world, (request, named) => resolveMember(world, request, named));
  bindOpenApi(app, world);
  await bindDashboard(app);
  const stopLive = serveLive(app.server, world);
  app.addHook('preClose', async () => stopLive());
  return app;
}

function createAuthenticators(world: World, keys: ApiKeys): Authenticators {
  const apiKey = async (request: FastifyRequest) =>
    isMember(request) ? resolveMember(world, request) : keys.resolve(request.headers.authorization);
  const session = async (token: string) => (await resolveSession(world, token)).scope;
  return {
    public: async () => undefined,
    apiKey,
    accountKey: async (request) =>
      isMember(request)
        ? { accountId: (await resolveMember(world, request)).environment.accountId, grants: ['account:*'] }
        : keys.resolveAccount(request.headers.authorization),
    member: (request) => resolveMember(world, request),
    connectSession: (request) => session(bearer(request)),
    connectSessionOrApiKey: (request) => (isSessionToken(bearer(request)) ? session(bearer(request)) : apiKey(request)),
    connectSessionInQuery: async (request) => {
      const { connect_session_token: token, public_key: publicKey } = Object(request.query);
      if (typeof token !== 'string' || token === '') throw problem(publicKey ? 'deprecated_authentication' : 'missing_public_key');
      return session(token);
    },
  };
}

/** Who names an environment besides a cookie came from our own page. */
const isMember = ({ headers, cookies }: FastifyRequest) =>
  headers.authorization === undefined && cookies[SESSION_COOKIE] !== undefined && headers[ENVIRONMENT_HEADER] !== undefined;

const bearer = ({ headers }: FastifyRequest) => (headers.authorization ?? '').replace(/^Bearer\s+/i, '');

/** The first page counts things of many folders, so it is put together here. */
function bindOverview(serve: Serve, world: World): void {
  serve(dashboard.overview).by(async (_input, scope) => {
    const [integrations, connections, syncs, records, functions, hours] = await Promise.all([
      countIntegrations(world, scope),
      countConnections(world, scope),
      countSyncs(world.db, scope),
      countOfEnvironment(world.db, scope),
      countFunctions(world, scope),
      operationHours(world, scope.environment.id),
    ]);
    return { integrations, connections: connections.all, connections_failing: connections.failing, syncs, records, functions, hours };
  });
}

const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

/** The dashboard's files, and its first page for every address a browser asks for that is nothing else. Clients get JSON. */
async function bindDashboard(app: FastifyInstance): Promise<void> {
  const folder = fileURLToPath(new URL('../../../apps/dashboard/dist', import.meta.url));
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
    const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (built && wantsPage) return reply.sendFile('index.html');
    return sendError(request, reply, problem('not_found', { message: `There is no ${request.method} ${request.url.split('?')[0]}` }));
  });
}
