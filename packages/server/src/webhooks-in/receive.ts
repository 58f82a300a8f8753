/** Receive a webhook of a provider: verified by its signature, it may complete a connection that waits for it. Others are dropped. */
import { problem } from '@bowline/api/problem';
import { completePending } from '../connect/complete-pending.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { lookEnvironmentByUuid } from '../environments/find.ts';
import { internalScope, type Scope } from '../http/scope.ts';
import { findIntegration } from '../integrations/find.ts';
import { type Integration, openClient } from '../integrations/integration.ts';
import { providerOf } from '../providers/own.ts';
import { type Arrived, keepForListeners } from './keep.ts';
import { type Incoming, type Verify, verifiers } from './verify.ts';

type Needs = Parameters<typeof completePending>[0] & Parameters<typeof keepForListeners>[0];
export type Door = { readonly scope: Scope; readonly integration: Integration; readonly verify: Verify | undefined };

/** @throws unknown_environment, unknown_provider_config */
export async function findDoor(world: Needs, names: { environmentUuid: string; providerConfigKey: string }): Promise<Door> {
  const environment = await lookEnvironmentByUuid(world, names.environmentUuid);
  if (!environment) throw problem('unknown_environment');
  const scope = internalScope(environment);
  const integration = await findIntegration(world, scope, names.providerConfigKey);
  const script = providerOf(world, integration)?.webhook_routing_script;
  return { scope, integration, verify: script === undefined ? undefined : verifiers[script] };
}

/**
 * @returns whether anything here makes use of it
 * @throws webhook_invalid_signature, invalid_json, connection_test_failed
 */
export async function receiveWebhook(world: Needs, { scope, integration, verify }: Door, incoming: Incoming & Arrived): Promise<boolean> {
  if (!verify) {
    await keepForListeners(world, scope, integration, incoming);
    return false;
  }
  const client = await openClient(world, integration);
  if (!client || !verify(incoming, client)) throw problem('webhook_invalid_signature');
  await keepForListeners(world, scope, integration, incoming);
  const body = parsed(incoming.body);
  try {
    await completePending(world, scope, { integration, body });
    return true;
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    throw problem('connection_test_failed', { message: error.message }, { cause: error });
  }
}

function parsed(body: Buffer): Record<string, unknown> {
  try {
    return { ...Object(JSON.parse(body.toString('utf8'))) };
  } catch {
    throw problem('invalid_json');
  }
}
