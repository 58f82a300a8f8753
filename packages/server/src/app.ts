/** Who may call, and every domain's routes. */
import { dashboard } from '@bowline/api/dashboard';
import { environment } from '@bowline/api/environment';
import { problem } from '@bowline/api/problem';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import { bindAccountRoutes } from './accounts/routes.ts';
import { ENVIRONMENT_HEADER, resolveMember, SESSION_COOKIE } from './accounts/session.ts';
import { bindActionRoutes } from './actions/routes.ts';
import { isReady, type Phase } from './base/ready.ts';
import { listRoles } from './base/roles.ts';
import type { World } from './base/world.ts';
import { bindCaptureRoutes } from './captures/routes.ts';
import { serveLive } from './connect/live.ts';
import { bindConnectRoutes, bindOauthPages } from './connect/routes.ts';
import { isSessionToken, resolveSession } from './connect/session.ts';
import { countByIntegration, countConnections } from './connections/find.ts';
import { bindConnectionRoutes } from './connections/routes.ts';
import { usesOf } from './connections/uses.ts';
import { countFunctions } from './deployments/find.ts';
import { bindDeploymentRoutes } from './deployments/routes.ts';
import { bindDryRunRoutes } from './dry-runs/routes.ts';
import { bindEndpointRoutes } from './endpoints/routes.ts';
import { type ApiKeys, openApiKeys } from './environments/resolve-api-key.ts';
import { bindEnvironmentRoutes } from './environments/routes.ts';
import { bindMetrics } from './health/routes.ts';
import { wireWaiting } from './health/waiting-work.ts';
import { type Authenticators, createAdmit, type RateLimit } from './http/admit.ts';
import { sendError } from './http/answer.ts';
import { bindLive } from './http/live.ts';
import { bindOpenApi } from './http/openapi.ts';
import { bindPages } from './http/pages.ts';
import { bindReference } from './http/reference.ts';
import { createServe, type Serve } from './http/serve.ts';
import { createServer } from './http/server.ts';
import { countIntegrations } from './integrations/find.ts';
import { bindIntegrationRoutes } from './integrations/routes.ts';
import { leaseOwn, leaseShared } from './limits/lease.ts';
import { createRateLimit } from './limits/rate-limit.ts';
import { operationHours } from './logs/hours.ts';
import { bindLogRoutes } from './logs/routes.ts';
import { bindMcpRoutes } from './mcp/routes.ts';
import { bindLogos } from './providers/logo.ts';
import { bindCatalogue, bindProviderRoutes } from './providers/routes.ts';
import { bindProviderSchema } from './providers/schema.ts';
import { bindProxyRoutes, bindRateLimits } from './proxy/routes.ts';
import { listProcesses } from './queue/processes.ts';
import { countOfEnvironment } from './records/counts.ts';
import { recordRoutes } from './records/routes.ts';
import type { RunWorld } from './runs/context.ts';
import { bindSubscriptionRoutes } from './subscriptions/routes.ts';
import { countSyncs } from './syncs/find.ts';
import { bindSyncRoutes } from './syncs/routes.ts';
import { waitingSyncs } from './syncs/waiting.ts';
import { webhookScripts } from './webhooks-in/receive.ts';
import { bindIncoming, bindWebhookStream, bindWebhooksIn } from './webhooks-in/routes.ts';
import { bindFeed, bindWebhookDeliveries, bindWebhookEndpoints } from './webhooks-out/routes.ts';

/**
 * Everything but listening. Closing the answer closes its sockets too.
 * @param phase changed by whoever starts and stops the process
 */
export async function createApp(world: RunWorld, phase: Phase = { current: 'serving' }): Promise<FastifyInstance> {
  const { publicUrl, bodyLimitBytes } = world.config;
  const app = await createServer({
    log: world.log,
    uuid: () => world.random.uuid(),
    secure: publicUrl.startsWith('https:'),
    bodyLimitBytes,
  });
  const keys = openApiKeys(world);
  app.addHook('onClose', async () => keys.close());
  const authenticators = createAuthenticators(world, keys);
  const admit = createAdmit(authenticators, createLimit(world));
  const serve = createServe(app, admit);
  bindHealth(serve, world, phase);
  bindMetrics(app, world);
  if (!world.config.roles.has('api')) return refuseTheRest(app, world);
  bindAccountRoutes(serve, world);
  bindEnvironmentRoutes(serve, world);
  bindLogRoutes(serve, world);
  bindProviderRoutes(serve, world, { usesOf, webhookScripts });
  bindIntegrationRoutes(serve, world);
  bindDeploymentRoutes(serve, world, countByIntegration);
  bindConnectionRoutes(serve, world);
  bindConnectRoutes(serve, world);
  recordRoutes(serve, world);
  bindCaptureRoutes(serve, world);
  bindSubscriptionRoutes(serve, world);
  bindSyncRoutes(serve, world);
  bindActionRoutes(serve, world);
  bindDryRunRoutes(serve, world);
  bindMcpRoutes(serve, app, world);
  bindOverview(serve, world);
  bindRateLimits(serve, world);
  bindOauthPages(app, world);
  bindLogos(app, world);
  bindProviderSchema(app);
  bindProxyRoutes(app, world, admit);
  bindEndpointRoutes(app, world, admit);
  bindLive(app, world, (request, named) => resolveMember(world, request, named));
  bindOpenApi(app, world);
  bindWebhooksIn(app, world, createWebhookLimit(world));
  bindIncoming(serve, world);
  bindWebhookEndpoints(serve, world);
  bindWebhookDeliveries(serve, world);
  bindFeed(serve, app, { world, authorize: authenticators.apiKey });
  bindWebhookStream(serve, app, { world, authorize: authenticators.apiKey });
  bindCatalogue(app, world, createRateLimit(world, { limit: CATALOGUE_LIMIT, lease: leaseOwn(CATALOGUE_LIMIT) }));
  await bindReference(app, world);
  await bindPages(app, world);
  const stopLive = serveLive(app.server, world);
  app.addHook('preClose', async () => stopLive());
  return app;
}

/** Of an integration, in a minute. A provider repeats what it was refused. */
function createWebhookLimit(world: RunWorld): RateLimit | undefined {
  const { webhookLimitPerMinute: limit } = world.config;
  return limit === 0 ? undefined : createRateLimit(world, { limit, lease: leaseOwn(limit) });
}

/** Of an address, in a minute: it asks for no key, and its answer is kept by who asks. */
const CATALOGUE_LIMIT = 200;

/** API keys and connect sessions. Members are people: a limit set for backends must not lock out who comes to look what is wrong. */
function createLimit(world: World) {
  const { rateLimitPerMinute: limit } = world.config;
  return limit === 0 ? undefined : createRateLimit(world, { limit, lease: leaseShared(world, limit) });
}

function bindHealth(serve: Serve, world: World, phase: Phase): void {
  serve(environment.health).by(async () => ({ result: 'ok', version: manifest.version, roles: listRoles(world.config.roles) }));
  serve(environment.processes).by(async () => ({ data: await listProcesses(world) }));
  serve(environment.queue).by(async () => ({ data: await wireWaiting(world.db, world.clock.now()) }));
  serve(environment.ready).by(async (_input, _scope, { reply }) => {
    const ready = await isReady(world, phase);
    if (!ready) reply.code(503);
    return { result: ready ? 'ok' : 'not ready' };
  });
}

/** Whoever supervises the process asks it how it is; everything else is for its peers. */
function refuseTheRest(app: FastifyInstance, { config }: World): FastifyInstance {
  const message = `This process does not serve the API: its roles are ${listRoles(config.roles).join(', ')}. Ask one whose BOWLINE_ROLES has api`;
  app.setNotFoundHandler((request, reply) => sendError(request, reply, problem('not_found', { message })));
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
    connectSessionOrExpired: async (request) => (await resolveSession(world, bearer(request), { expired: true })).scope,
    connectSessionOrApiKey: (request) => (isSessionToken(bearer(request)) ? session(bearer(request)) : apiKey(request)),
    connectSessionInQuery: async (request) => {
      const { connect_session_token: token, public_key: publicKey } = Object(request.query);
      if (isSessionToken(bearer(request))) return session(bearer(request));
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
    const [integrations, connections, syncs, records, functions, hours, waiting] = await Promise.all([
      countIntegrations(world, scope),
      countConnections(world, scope),
      countSyncs(world.db, scope),
      countOfEnvironment(world.db, scope),
      countFunctions(world, scope),
      operationHours(world, scope.environment.id),
      waitingSyncs(world.db, scope),
    ]);
    return {
      syncs_waiting: waiting.count,
      syncs_waiting_since: waiting.since?.toISOString() ?? null,
      integrations,
      connections: connections.all,
      connections_failing: connections.failing,
      syncs,
      records,
      functions,
      hours,
    };
  });
}
