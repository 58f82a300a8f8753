/** Which function declares an endpoint: an action itself, a sync one for each of its models. */
import { problem } from '@bowline/api/problem';
import type { World } from '../base/world.ts';
import { endpointsOf } from '../deployments/endpoints.ts';
import { listFunctions } from '../deployments/find.ts';
import type { Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';

export type Declared = { readonly kind: 'action'; readonly name: string } | { readonly kind: 'model'; readonly model: string };
type Asked = { readonly providerConfigKey: string; readonly method: string; readonly path: string };

/** @throws unknown_provider_config, not_found */
export async function findEndpoint(world: Pick<World, 'db'>, scope: Scope, asked: Asked): Promise<Declared> {
  const integration = await findIntegration(world, scope, asked.providerConfigKey);
  const wanted = plain(asked.path);
  for (const { type, name, config } of await listFunctions(world, scope, [integration.id])) {
    const index = endpointsOf(config).findIndex(({ method, path }) => method === asked.method && plain(path) === wanted);
    if (index === -1) continue;
    if (type === 'action') return { kind: 'action', name };
    // As many endpoints as models, in the same order; older deployments declare one for all.
    const model = config.models[index] ?? config.models[0];
    if (model !== undefined) return { kind: 'model', model };
  }
  throw problem('not_found', {
    message: `No function of "${asked.providerConfigKey}" declares the endpoint ${asked.method} ${asked.path}; deploy one, or call it with POST /action/trigger`,
  });
}

/** Slashes at the ends mean nothing. */
const plain = (path: string) => path.replaceAll(/^\/+|\/+$/g, '');
