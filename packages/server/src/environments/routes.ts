/** The doors of environments: settings and keys for members, variables and the signing key for API keys. */
import { dashboard, type EnvironmentSettings } from '@bowline/api/dashboard';
import { environment as contract } from '@bowline/api/environment';
import type { World } from '../base/world.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';
import type { Serve } from '../http/serve.ts';
import { listApiKeys, wireApiKey } from './api-key.ts';
import { createApiKey } from './create-api-key.ts';
import { deleteApiKey } from './delete-api-key.ts';
import { deletionGuard } from './deletion-guard.ts';
import { standardSecret, wireEnvironment } from './environment.ts';
import { findEnvironment } from './find.ts';
import { rotateSigningKey } from './rotate-signing-key.ts';
import { updateSettings, webhookSettings, wireWebhooks } from './settings.ts';
import { validationOf } from './validation.ts';
import { listVariables } from './variables.ts';

type Needs = Pick<World, 'db' | 'config' | 'clock' | 'random' | 'keyring' | 'bus' | 'outbound'>;

export function bindEnvironmentRoutes(serve: Serve, world: Needs): void {
  serve(dashboard.environment).by((_input, scope) => wireSettings(world, scope));

  serve(dashboard.updateEnvironment).by(async ({ body }, scope) => {
    await updateSettings(world, scope, body);
    return wireSettings(world, scope);
  });

  serve(dashboard.createApiKey).by(async ({ body }, scope) => {
    const key = await createApiKey(world, scope, { displayName: body.display_name, scopes: body.scopes });
    publishLive(world, scope.environment.id, 'environment');
    return wireApiKey(key);
  });

  serve(dashboard.deleteApiKey).by(async ({ params }, scope) => {
    await deleteApiKey(world, scope, params.id);
    publishLive(world, scope.environment.id, 'environment');
    return { success: true };
  });

  serve(contract.current).by(async (_input, { environment: { id }, grants }) => {
    const { name, uuid, isProduction } = await findEnvironment(world, id);
    return { data: { name, uuid, is_production: isProduction, scopes: [...grants] } };
  });

  serve(contract.variables).by((_input, scope) => listVariables(world, scope.environment.id));

  serve(contract.rotateSigningKey).by(async ({ query }, scope) => {
    const key = await rotateSigningKey(world, scope, query.overlap_hours);
    return { data: { webhook_signing_key: key, webhook_secret: standardSecret(key) } };
  });
}

async function wireSettings(world: Needs, { environment: { id } }: Scope): Promise<EnvironmentSettings> {
  const [environment, settings, guard, validation, keys, variables] = await Promise.all([
    findEnvironment(world, id),
    webhookSettings(world, id),
    deletionGuard(world.db, id),
    validationOf(world, id),
    listApiKeys(world, { environment: { id } }),
    listVariables(world, id),
  ]);
  return {
    ...wireEnvironment(environment),
    callback_url: settings.callbackUrl,
    webhook_signing_key: settings.signingKey,
    webhook_secret: standardSecret(settings.signingKey),
    webhooks: wireWebhooks(settings),
    deletion_guard: guard,
    validation,
    api_keys: keys.map(wireApiKey),
    variables,
  };
}
