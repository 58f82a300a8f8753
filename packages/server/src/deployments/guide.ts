/** The guide to a provider, with the addresses of this server and the functions there are to start from. */
import { problem } from '@bowline/api/problem';
import { type Guide, guide } from '@bowline/providers/guide';
import type { World } from '../base/world.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { Scope } from '../http/scope.ts';
import { listProviders, lookProvider } from '../providers/find.ts';
import { templatesOf } from './template.ts';

type Wanted = { readonly provider: string; readonly integration?: string | undefined };
type Needs = Pick<World, 'db' | 'config' | 'builtIns' | 'templatesPath'>;

/** @throws unknown_provider_template */
export async function providerGuide(world: Needs, scope: Scope, wanted: Wanted): Promise<Guide> {
  const { environment } = scope;
  const found = await lookProvider(world, scope, wanted.provider);
  if (!found) throw problem('unknown_provider_template', { message: `There is no provider "${wanted.provider}"` });
  const { provider } = found;
  const serverUrl = world.config.publicUrl;
  const integrationKey = wanted.integration ?? provider.name;
  const webhook = `${serverUrl}/webhook/${environment.uuid}/${encodeURIComponent(integrationKey)}`;
  const { functions } = await templatesOf(world, provider.name);
  return guide(provider, {
    serverUrl,
    callbackUrl: await callbackUrl(world, environment.id),
    webhookUrl: provider.webhook === undefined && provider.webhook_routing_script === undefined ? null : webhook,
    integrationKey,
    templates: functions.map(({ syncName: name, type, metadata }) => ({ name, type, description: metadata?.description })),
    providers: (await listProviders(world, scope)).map((one) => one.provider),
  });
}
