/** The doors of integrations and of the catalogue they are made from. What touches their connections is bound one floor up. */
import { dashboardProviders } from '@bowline/api/dashboard-providers';
import { integrations } from '@bowline/api/integrations';
import { problem } from '@bowline/api/problem';
import { providers } from '@bowline/api/providers';
import { granted } from '@bowline/api/scopes';
import { monogram } from '@bowline/providers/logo';
import { type Provider, publicProvider } from '@bowline/providers/provider';
import type { FastifyInstance } from 'fastify';
import type { World } from '../base/world.ts';
import { modes } from '../credentials/modes.ts';
import { lookEnvironmentByUuid } from '../environments/find.ts';
import { type RateLimit, spend } from '../http/admit.ts';
import { sendError } from '../http/answer.ts';
import { cachedText } from '../http/cached-text.ts';
import type { Serve } from '../http/serve.ts';
import { clientMetadataDocument, clientMetadataUrl } from './client-metadata.ts';
import { createIntegration, createQuickstart } from './create.ts';
import { findIntegration, listIntegrations } from './find.ts';
import { logoUrl, webhookUrl, wireIntegration, wireSecrets } from './integration.ts';
import { listedProvider } from './listed.ts';

export function bindIntegrationRoutes(serve: Serve, world: World): void {
  serve(integrations.list).by(async (_input, scope) => {
    const all = await listIntegrations(world, scope);
    const allowed = all.filter(({ uniqueKey }) => scope.allowedIntegrations?.includes(uniqueKey) ?? true);
    return { data: allowed.map((integration) => wireIntegration(world, integration)) };
  });
  serve(integrations.create).by(async ({ body }, scope) => ({ data: wireIntegration(world, await createIntegration(world, scope, body)) }));
  serve(integrations.quickstart).by(async ({ body }, scope) => ({
    data: wireIntegration(world, await createQuickstart(world, scope, body)),
  }));
  serve(integrations.get).by(async ({ params, query }, scope) => {
    const integration = await findIntegration(world, scope, params.uniqueKey);
    const include = query.include ?? [];
    const shows = include.includes('credentials') && granted(scope.grants, 'environment:integrations:read_credentials');
    return {
      data: {
        ...wireIntegration(world, integration),
        ...(include.includes('webhook') ? { webhook_url: webhookUrl(world, scope.environment, integration) } : {}),
        ...(shows ? { credentials: await wireSecrets(world, integration) } : {}),
      },
    };
  });
  serve(integrations.clientMetadata).by(({ params }, _scope, { reply }) => {
    reply.header('cache-control', 'public, max-age=300');
    return describeClient(world, params);
  });
  bindProviderRoutes(serve, world);
}

/** For authorization servers: they hold no key. @throws unknown_environment, unknown_provider_config */
async function describeClient(world: World, names: { environmentUuid: string; providerConfigKey: string }) {
  const environment = await lookEnvironmentByUuid(world, names.environmentUuid);
  if (!environment) throw problem('unknown_environment');
  const integration = await findIntegration(world, { environment }, names.providerConfigKey);
  const provider = world.catalogue.get(integration.provider);
  const url = clientMetadataUrl(world, environment, integration);
  if (url && provider && modes[provider.auth_mode].describesClient) return clientMetadataDocument(world, environment, { integration, url });
  throw problem('unknown_provider_config', { message: `"${integration.uniqueKey}" has no OAuth client that is known by its address` });
}

function bindProviderRoutes(serve: Serve, world: World): void {
  const wire = (provider: Provider) => publicProvider(provider, logoUrl(world, provider.name));
  serve(providers.list).by(async ({ query }) => {
    const text = query.search?.toLowerCase();
    const matches = ({ name, display_name }: Provider) => !text || name.includes(text) || display_name.toLowerCase().includes(text);
    return { data: world.catalogue.list().filter(matches).map(wire) };
  });
  serve(dashboardProviders.list).by(async () => ({
    providers: world.catalogue.list().map((provider) => listedProvider(provider, logoUrl(world, provider.name))),
  }));
  serve(providers.get).by(async ({ params }) => {
    const provider = world.catalogue.get(params.provider);
    if (!provider) throw problem('unknown_provider_template', { message: `The catalogue has no provider "${params.provider}"` });
    return { data: wire(provider) };
  });
}

/** Logos: a monogram drawn for each provider, since vendors' logos are theirs. */
export function bindLogos(app: FastifyInstance, { catalogue }: Pick<World, 'catalogue'>): void {
  app.get<{ Params: { file: string } }>('/images/template-logos/:file', async (request, reply) => {
    const provider = catalogue.get(request.params.file.replace(/\.svg$/, ''));
    if (!provider) return reply.code(404).send();
    return reply
      .headers({ 'cache-control': 'public, max-age=86400', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" })
      .type('image/svg+xml')
      .send(monogram(provider));
  });
}

/** `GET /providers.json`: the catalogue as it is, name → definition, for programs that hold no key. Limited by address. */
export function bindCatalogue(app: FastifyInstance, { catalogue }: Pick<World, 'catalogue'>, limit: RateLimit): void {
  const answer = cachedText(() => Object.fromEntries(catalogue.list().map(({ name, ...definition }) => [name, definition])));
  app.get('/providers.json', async (request, reply) => {
    try {
      spend(await limit(`address ${request.ip}`), request, reply);
      return answer(request, reply);
    } catch (error) {
      return sendError(request, reply, error);
    }
  });
}
