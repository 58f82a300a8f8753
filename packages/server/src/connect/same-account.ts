/** Which connection an account at the provider belongs to, for modes whose account the browser names and nothing else proves. */
import type { World } from '../base/world.ts';
import { lookConnectionOfAccount } from '../connections/find.ts';
import type { AuthMode, Granted } from '../credentials/auth-mode.ts';
import { CredentialsError } from '../credentials/failure.ts';
import type { Integration } from '../integrations/integration.ts';

type Claim = { readonly integration: Integration; readonly connectionId: string; readonly reconnects: boolean; readonly granted: Granted };

/** @returns the id of the connection to save. @throws CredentialsError when the account is another connection's */
export async function ownerOf(
  world: Pick<World, 'db'>,
  mode: AuthMode,
  { integration, connectionId, reconnects, granted }: Claim,
): Promise<string> {
  if (!mode.sameAccount || granted.account === undefined) return connectionId;
  const owner = await lookConnectionOfAccount(world, integration, granted.account);
  if (owner === undefined || owner === connectionId) return connectionId;
  if (mode.sameAccount === 'merged' && !reconnects) return owner;
  const message = 'this installation is connected already, by another connection; repair that one, or delete it first';
  throw new CredentialsError('callback_err', message, { providerError: 'same_account' });
}
