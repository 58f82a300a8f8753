/** Settings of an integration that are secret (`secret: true` in its provider's `integration_config`): sealed, and apart from `custom`, which is readable. */
import type { Provider } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { run } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';
import type { Integration } from './integration.ts';

type Settings = Readonly<Record<string, string>>;

export const placeOfSecrets = (environmentId: number, id: number): Place => ({
  environmentId,
  context: `integration-secrets:${environmentId}:${id}`,
});

/** Pure. */
export function splitSecrets(provider: Provider, settings: Settings): { readable: Record<string, string>; secret: Record<string, string> } {
  const isSecret = ([name]: [string, string]) => provider.integration_config?.[name]?.secret === true;
  const entries = Object.entries(settings);
  return {
    readable: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
    secret: Object.fromEntries(entries.filter(isSecret)),
  };
}

/** All settings in the clear, for those who use them: templates, auth modes, a change that merges. Never for an answer. */
export async function openSettings(
  { keyring }: Pick<World, 'keyring'>,
  { environmentId, id, custom, secretsSealed }: Pick<Integration, 'environmentId' | 'id' | 'custom' | 'secretsSealed'>,
): Promise<Record<string, string>> {
  if (!secretsSealed) return custom;
  const secret = JSON.parse(await open(keyring, placeOfSecrets(environmentId, id), secretsSealed)) as Settings; // sealed below with this shape
  return { ...custom, ...secret };
}

export async function storeSecrets(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  { environment }: { readonly environment: { readonly id: number } },
  id: number,
  secret: Settings,
): Promise<void> {
  const none = Object.keys(secret).length === 0;
  const sealed = none ? null : await seal(keyring, placeOfSecrets(environment.id, id), JSON.stringify(secret));
  await run(db, sql`update integrations set secrets_sealed = ${sealed} where environment_id = ${environment.id} and id = ${id}`);
}
