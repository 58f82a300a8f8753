/** What a developer enters on an integration so that its provider can be asked for webhooks (`webhook_subscription.settings`), and the tokens that were exchanged for it: sealed. */
import { problem } from '@bowline/api/problem';
import { refuseValue } from '@bowline/providers/field';
import type { Provider } from '@bowline/providers/provider';
import { sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { Database, World } from '../base/world.ts';
import { open } from '../vault/open.ts';
import { seal } from '../vault/seal.ts';
import type { Place } from '../vault/sealed.ts';
import type { Integration } from './integration.ts';

export type SubscriptionSettings = Readonly<Record<string, string>>;
type Named = Pick<Integration, 'id' | 'environmentId'>;

export const placeOfSubscriptionSettings = (environmentId: number, id: number): Place => ({
  environmentId,
  context: `integration-subscriptions:${environmentId}:${id}`,
});

/** @throws invalid_body when the provider asks for none of that name, or for another form */
export function checkSubscriptionSettings(provider: Provider, given: SubscriptionSettings): void {
  const fields = provider.webhook_subscription?.settings ?? {};
  const refused = Object.entries(given).flatMap(([name, value]) => {
    const field = fields[name];
    if (!field) return [[name, `${provider.display_name} takes ${Object.keys(fields).join(', ') || 'no such settings'}`]];
    const message = value === '' ? undefined : refuseValue(field, value);
    return message === undefined ? [] : [[name, message]];
  });
  const errors = refused.map(([name = '', message = '']) => ({ code: 'custom', message, path: ['subscription_settings', name] }));
  if (errors.length > 0) throw problem('invalid_body', { errors });
}

/** In the clear, for those who ask the provider. */
export async function openSubscriptionSettings(
  { db, keyring }: Pick<World, 'db' | 'keyring'>,
  integration: Named,
): Promise<SubscriptionSettings> {
  return opened(keyring, integration, await look(db, integration, sql``));
}

/** What a refresh token was exchanged for. */
const EXCHANGED: readonly string[] = ['token', 'token_expires'];

/** Merges them; an empty text takes one away. What was exchanged for those that were there goes. */
export function storeSubscriptionSettings(
  world: Pick<World, 'db' | 'keyring'>,
  integration: Named,
  given: SubscriptionSettings,
): Promise<void> {
  return change(world, integration, (before) => {
    const isNew = Object.entries(given).some(([name, value]) => before[name] !== value);
    return Object.fromEntries(
      Object.entries({ ...before, ...given }).filter(([name, value]) => value !== '' && !(isNew && EXCHANGED.includes(name))),
    );
  });
}

/** Keeps what came for a token that works once, unless its developer entered another one meanwhile: theirs is newer. */
export function keepExchanged(
  world: Pick<World, 'db' | 'keyring'>,
  integration: Named,
  { used, got }: { used: string; got: SubscriptionSettings },
): Promise<void> {
  return change(world, integration, (before) => (before.refresh_token === used ? { ...before, ...got } : before));
}

/** Under the row's lock, so that of two who change it none overwrites what the other stored. */
async function change(
  world: Pick<World, 'db' | 'keyring'>,
  integration: Named,
  to: (before: SubscriptionSettings) => SubscriptionSettings,
): Promise<void> {
  const { id, environmentId } = integration;
  await transaction(world.db, async (tx) => {
    const after = to(await opened(world.keyring, integration, await look(tx, integration, sql`for update`)));
    const none = Object.keys(after).length === 0;
    const sealed = none ? null : await seal(world.keyring, placeOfSubscriptionSettings(environmentId, id), JSON.stringify(after));
    await run(
      tx,
      sql`update integrations set subscription_settings_sealed = ${sealed} where environment_id = ${environmentId} and id = ${id}`,
    );
  });
}

async function look(db: Database, { id, environmentId }: Named, lock: ReturnType<typeof sql>): Promise<Buffer | null> {
  const row = await one<{ sealed: Buffer | null }>(
    db,
    sql`select subscription_settings_sealed as sealed from integrations where environment_id = ${environmentId} and id = ${id} ${lock}`,
  );
  return row?.sealed ?? null;
}

async function opened(keyring: World['keyring'], { id, environmentId }: Named, sealed: Buffer | null): Promise<SubscriptionSettings> {
  if (!sealed) return {};
  return JSON.parse(await open(keyring, placeOfSubscriptionSettings(environmentId, id), sealed)) as SubscriptionSettings; // sealed above with this shape
}
