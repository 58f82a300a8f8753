/** A client for providers that register clients by themselves: made with the integration, or at the first sign-in that finds none that fits. */
import { sql } from 'kysely';
import { one, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { CredentialsError } from '../credentials/failure.ts';
import { modes } from '../credentials/modes.ts';
import { callbackUrl } from '../environments/settings.ts';
import type { Scope } from '../http/scope.ts';
import { providerOf } from '../providers/own.ts';
import { findIntegrationById } from './find.ts';
import { type Integration, openClient } from './integration.ts';
import { storeClient, withDefaultScopes } from './store-client.ts';

type Needs = Pick<World, 'db' | 'keyring' | 'builtIns' | 'config' | 'outbound' | 'clock' | 'random'>;

/**
 * A client that was registered for another redirect URI is replaced: connections keep the one they were made with.
 * @returns the integration as it is then. @throws CredentialsError when the provider does not register one
 */
export async function ensureClient(world: Needs, scope: Pick<Scope, 'environment'>, integration: Integration): Promise<Integration> {
  const provider = providerOf(world, integration);
  const register = provider && modes[provider.auth_mode].register;
  if (!register) return integration;
  const redirectUri = await callbackUrl(world, scope.environment.id);
  const existing = await openClient(world, integration);
  if (existing && (existing.registeredFor === undefined || existing.registeredFor === redirectUri)) return integration;
  const clientName = integration.custom.oauth_client_name ?? 'Bowline';
  const client = await register(world, { provider, redirectUri, clientName });
  if (!client) return integration;
  const registered = { clientId: client.id, clientSecret: client.secret, scopes: existing?.scopes ?? '', registeredFor: redirectUri };
  return transaction(world.db, async (tx) => {
    // Of two sign-ins at once the first one's client stays; what the other registered is never used.
    const row = await one<{ sealed: Buffer | null }>(
      tx,
      sql`select credentials_sealed as sealed from integrations
           where environment_id = ${scope.environment.id} and id = ${integration.id} for update`,
    );
    const same = row && (row.sealed === null ? integration.credentialsSealed === null : integration.credentialsSealed?.equals(row.sealed));
    if (same) await storeClient({ ...world, db: tx }, integration, withDefaultScopes(provider, registered));
    return findIntegrationById({ db: tx }, scope, integration.id);
  });
}

/** With a new integration. Whatever hinders it then is told to who connects first, when it is tried again. */
export async function tryClient(
  world: Needs & Pick<World, 'log'>,
  scope: Pick<Scope, 'environment'>,
  integration: Integration,
): Promise<void> {
  try {
    await ensureClient(world, scope, integration);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    world.log.warn({ err: error, integration: integration.uniqueKey }, 'no client could be registered yet');
  }
}
