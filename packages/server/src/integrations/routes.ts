/** The doors of integrations. What touches their connections is bound one floor up. */
import { integrations } from '@bowline/api/integrations';
import { problem } from '@bowline/api/problem';
import { granted } from '@bowline/api/scopes';
import type { World } from '../base/world.ts';
import { modes } from '../credentials/modes.ts';
import { lookEnvironmentByUuid } from '../environments/find.ts';
import type { Serve } from '../http/serve.ts';
import { providerOf } from '../providers/own.ts';
import { clientMetadataDocument, clientMetadataUrl } from './client-metadata.ts';
import { createIntegration, createQuickstart } from './create.ts';
import { findIntegration, listIntegrations } from './find.ts';
import { webhookUrl, wireIntegration, wireSecrets } from './integration.ts';
import { wireWebhooks } from './webhooks.ts';

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
        ...(include.includes('webhook')
          ? { webhook_url: webhookUrl(world, scope.environment, integration), webhooks: await wireWebhooks(world, integration) }
          : {}),
        ...(shows ? { credentials: await wireSecrets(world, integration) } : {}),
      },
    };
  });
  serve(integrations.clientMetadata).by(({ params }, _scope, { reply }) => {
    reply.header('cache-control', 'public, max-age=300');
    return describeClient(world, params);
  });
}

/** For authorization servers: they hold no key. @throws unknown_environment, unknown_provider_config */
async function describeClient(world: World, names: { environmentUuid: string; providerConfigKey: string }) {
  const environment = await lookEnvironmentByUuid(world, names.environmentUuid);
  if (!environment) throw problem('unknown_environment');
  const integration = await findIntegration(world, { environment }, names.providerConfigKey);
  const provider = providerOf(world, integration);
  const url = clientMetadataUrl(world, environment, integration);
  if (url && provider && modes[provider.auth_mode].describesClient) return clientMetadataDocument(world, environment, { integration, url });
  throw problem('unknown_provider_config', { message: `"${integration.uniqueKey}" has no OAuth client that is known by its address` });
}
