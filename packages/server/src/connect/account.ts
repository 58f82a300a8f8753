/**
 * Whose account it is, where a reconnect demands the same one and neither the sign-in nor the token says: then the provider is asked before
 * anything is saved. What else it tells is asked for again afterwards, as after any connection.
 */
import type { World } from '../base/world.ts';
import { integrationAccess } from '../connections/open.ts';
import { openApi } from '../credentials/api.ts';
import type { Granted } from '../credentials/auth-mode.ts';
import { afterConnectOf } from '../credentials/quirks/quirks.ts';
import type { Integration } from '../integrations/integration.ts';
import type { OperationHandle } from '../logs/operation.ts';

type Needs = Pick<World, 'keyring' | 'builtIns' | 'outbound' | 'clock' | 'random'>;
type Asked = { readonly integration: Integration; readonly granted: Granted; readonly operation: OperationHandle };

/** @returns undefined when the provider does not tell, or could not be asked: the log of the attempt says why */
export async function learnAccount(world: Needs, { integration, granted, operation }: Asked): Promise<string | undefined> {
  if (granted.account !== undefined) return granted.account;
  const access = { integration: await integrationAccess(world, integration), ...granted };
  const ask = afterConnectOf(access.integration.provider);
  if (!ask) return undefined;
  try {
    return (await ask(openApi(world, access, { operation }))).account;
  } catch (error) {
    operation.log('error', error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
