/** The doors of providers: those of the catalogue, and those an environment defines itself. */
import { dashboardProviders } from '@bowline/api/dashboard-providers';
import { problem } from '@bowline/api/problem';
import { customProviders, providers } from '@bowline/api/providers';
import { publicProvider } from '@bowline/providers/provider';
import type { FastifyInstance } from 'fastify';
import type { World } from '../base/world.ts';
import { type RateLimit, spend } from '../http/admit.ts';
import { sendError } from '../http/answer.ts';
import { cachedText } from '../http/cached-text.ts';
import { publishLive } from '../http/live.ts';
import type { Scopes } from '../http/scope.ts';
import type { Serve } from '../http/serve.ts';
import { type FoundProvider, findSource, listProviders, lookProvider } from './find.ts';
import { listedProvider } from './listed.ts';
import { logoUrl } from './logo.ts';
import { removeProvider } from './remove.ts';
import { saveProvider } from './save.ts';
import type { UsesOf } from './uses.ts';

type Caller = Scopes['connectSessionOrApiKey'];
/** What higher floors know. */
export type Above = { readonly usesOf: UsesOf; readonly webhookScripts: readonly string[] };

export function bindProviderRoutes(serve: Serve, world: World, above: Above): void {
  const wire = ({ provider, own }: FoundProvider) => ({
    ...publicProvider(provider, logoUrl(world, provider.name)),
    ...(own ? { custom: true as const } : {}),
  });

  serve(providers.list).by(async ({ query }, scope) => {
    const text = query.search?.toLowerCase();
    const all = await shownTo(world, scope, await listProviders(world, scope), above);
    const matches = ({ provider: { name, display_name } }: FoundProvider) =>
      !text || name.includes(text) || display_name.toLowerCase().includes(text);
    return { data: all.filter(matches).map(wire) };
  });
  serve(dashboardProviders.list).by(async (_input, scope) => ({
    providers: (await listProviders(world, scope)).map(({ provider, own }) => ({
      ...listedProvider(provider, logoUrl(world, provider.name)),
      ...(own ? { custom: true as const } : {}),
    })),
  }));
  serve(providers.get).by(async ({ params }, scope) => {
    const looked = await lookProvider(world, scope, params.provider);
    const [found] = looked ? await shownTo(world, scope, [looked], above) : [];
    if (!found) throw problem('unknown_provider_template', { message: `The catalogue has no provider "${params.provider}"` });
    return { data: wire(found) };
  });

  const known = { ...above, http: world.config.outboundAllow.length > 0 };
  serve(customProviders.save).by(async ({ params, query, body }, scope) => {
    const wanted = { name: params.provider, yaml: body.yaml, dryRun: query.dry_run ?? false };
    const { provider, created, usedBy } = await saveProvider(world, scope, wanted, known);
    if (!wanted.dryRun) publishLive(world, scope.environment.id, 'integrations');
    return { data: { ...wire({ provider, own: true }), custom: true as const }, created, used_by: [...usedBy] };
  });
  serve(customProviders.source).by(async ({ params }, scope) => {
    const { source, updatedAt } = await findSource(world, scope, params.provider);
    return { data: { yaml: source, updated_at: updatedAt.toISOString() } };
  });
  serve(customProviders.remove).by(async ({ params }, scope) => {
    await removeProvider(world, scope, params.provider, above.usesOf);
    publishLive(world, scope.environment.id, 'integrations');
    return { success: true };
  });
}

/** The browser of a connect session sees of the environment's own those that it may connect to: which others there are is the environment's business. */
async function shownTo(world: World, scope: Caller, found: FoundProvider[], { usesOf }: Above): Promise<FoundProvider[]> {
  const own = found.filter((one) => one.own).map(({ provider }) => provider.name);
  if (scope.sessionId === undefined || own.length === 0) return found;
  const uses = await usesOf(world.db, scope, own);
  const shown = new Set(
    uses.filter(({ uniqueKey }) => scope.allowedIntegrations?.includes(uniqueKey) ?? true).map(({ provider }) => provider),
  );
  return found.filter(({ provider, own: isOwn }) => !isOwn || shown.has(provider.name));
}

/** `GET /providers.json`: the catalogue, name → definition, for programs that hold no key. Limited by address. */
export function bindCatalogue(app: FastifyInstance, world: Pick<World, 'builtIns' | 'config'>, limit: RateLimit): void {
  const entry = ({ name, ...wire }: ReturnType<typeof publicProvider>) => [name, wire] as const;
  const answer = cachedText(() =>
    Object.fromEntries(world.builtIns.list().map((provider) => entry(publicProvider(provider, logoUrl(world, provider.name))))),
  );
  app.get('/providers.json', async (request, reply) => {
    try {
      spend(await limit(`address ${request.ip}`), request, reply);
      return answer(request, reply);
    } catch (error) {
      return sendError(request, reply, error);
    }
  });
}
