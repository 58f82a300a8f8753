/** What an environment is set to: where its webhooks go, which ones, and how OAuth providers come back. */
import type { Validation, WebhookSettings as WireWebhooks } from '@bowline/api/dashboard';
import { problem } from '@bowline/api/problem';
import { type RawBuilder, sql } from 'kysely';
import { one, run, transaction } from '../base/database.ts';
import type { World } from '../base/world.ts';
import { publishLive } from '../http/live.ts';
import type { Scope } from '../http/scope.ts';
import { open } from '../vault/open.ts';
import { type DeletionGuard, setDeletionGuard } from './deletion-guard.ts';
import { signingKeyPlace } from './environment.ts';
import { replaceVariables, type Variable } from './variables.ts';
import { refuseAddress } from './webhook-address.ts';

export type Settings = {
  /** Of the environment. */
  readonly name: string;
  readonly callbackUrl: string;
  /** Empty when webhooks go nowhere. */
  readonly primaryUrl: string;
  readonly secondaryUrl: string;
  readonly onAuthCreation: boolean;
  readonly onAuthRefreshError: boolean;
  readonly onAuthRefreshRecovered: boolean;
  readonly onSyncCompletionAlways: boolean;
  readonly onSyncError: boolean;
  readonly onAsyncActionCompletion: boolean;
  /** A UUID v4. */
  readonly signingKey: string;
};
export type SettingsChange = {
  callback_url?: string | undefined;
  webhooks?: { [Name in keyof WireWebhooks]?: WireWebhooks[Name] | undefined } | undefined;
  deletion_guard?: DeletionGuard | undefined;
  validation?: { [Name in keyof Validation]?: Validation[Name] | undefined } | undefined;
  variables?: readonly Variable[] | undefined;
};

/** @throws not_found */
export async function webhookSettings(world: Pick<World, 'db' | 'keyring' | 'config'>, environmentId: number): Promise<Settings> {
  const row = await one<Omit<Settings, 'signingKey'> & { signingKeySealed: Buffer }>(
    world.db,
    sql`select name, callback_url, webhook_primary_url as primary_url, webhook_secondary_url as secondary_url, on_auth_creation,
               on_auth_refresh_error, on_auth_refresh_recovered, on_sync_completion_always, on_sync_error, on_async_action_completion, signing_key_sealed
        from environments where id = ${environmentId} and deleted_at is null`,
  );
  if (!row) throw problem('not_found', { message: 'This environment no longer exists' });
  const { signingKeySealed, callbackUrl, ...settings } = row;
  const signingKey = await open(world.keyring, signingKeyPlace(environmentId), signingKeySealed);
  return { ...settings, callbackUrl: callbackUrl || defaultCallbackUrl(world), signingKey };
}

/** As conditions of a larger statement: whether the environment has an address for webhooks, and whether it wants those of runs that changed nothing. */
export const hasWebhookUrl = (environmentId: RawBuilder<unknown>) =>
  sql`exists (select from environments where id = ${environmentId} and (webhook_primary_url <> '' or webhook_secondary_url <> ''))`;
export const wantsEveryCompletion = (environmentId: RawBuilder<unknown>) =>
  sql`exists (select from environments where id = ${environmentId} and on_sync_completion_always)`;

/** Where OAuth providers send the browser back to. @throws not_found */
export async function callbackUrl(world: Pick<World, 'db' | 'config'>, environmentId: number): Promise<string> {
  const row = await one<{ callbackUrl: string }>(
    world.db,
    sql`select callback_url from environments where id = ${environmentId} and deleted_at is null`,
  );
  if (!row) throw problem('not_found', { message: 'This environment no longer exists' });
  return row.callbackUrl || defaultCallbackUrl(world);
}

/** Changes what is given and keeps the rest. @throws invalid_body when a webhook would come to ourselves or into a private network */
export async function updateSettings(
  world: Pick<World, 'db' | 'keyring' | 'config' | 'bus' | 'outbound'>,
  { environment }: Pick<Scope, 'environment'>,
  { callback_url, webhooks = {}, deletion_guard, validation = {}, variables }: SettingsChange,
): Promise<void> {
  await refuseAddress(world, { url: webhooks.primary_url ?? '', path: ['webhooks', 'primary_url'] });
  await refuseAddress(world, { url: webhooks.secondary_url ?? '', path: ['webhooks', 'secondary_url'] });
  // Ours is not stored, so that it follows when the server moves.
  const callback = callback_url === defaultCallbackUrl(world) ? '' : callback_url;
  await transaction(world.db, async (tx) => {
    await run(
      tx,
      sql`update environments set
            callback_url = coalesce(${callback ?? null}, callback_url),
            webhook_primary_url = coalesce(${webhooks.primary_url ?? null}, webhook_primary_url),
            webhook_secondary_url = coalesce(${webhooks.secondary_url ?? null}, webhook_secondary_url),
            on_auth_creation = coalesce(${webhooks.on_auth_creation ?? null}, on_auth_creation),
            on_auth_refresh_error = coalesce(${webhooks.on_auth_refresh_error ?? null}, on_auth_refresh_error),
            on_auth_refresh_recovered = coalesce(${webhooks.on_auth_refresh_recovered ?? null}, on_auth_refresh_recovered),
            on_sync_completion_always = coalesce(${webhooks.on_sync_completion_always ?? null}, on_sync_completion_always),
            on_sync_error = coalesce(${webhooks.on_sync_error ?? null}, on_sync_error),
            on_async_action_completion = coalesce(${webhooks.on_async_action_completion ?? null}, on_async_action_completion),
            validate_inputs = coalesce(${validation.inputs ?? null}, validate_inputs),
            validate_outputs = coalesce(${validation.outputs ?? null}, validate_outputs),
            validate_records = coalesce(${validation.records ?? null}, validate_records)
          where id = ${environment.id} and deleted_at is null`,
    );
    if (deletion_guard) await setDeletionGuard(tx, environment.id, deletion_guard);
    if (variables) await replaceVariables({ ...world, db: tx }, environment.id, variables);
  });
  publishLive(world, environment.id, 'environment');
}

export function wireWebhooks(settings: Settings): WireWebhooks {
  return {
    primary_url: settings.primaryUrl,
    secondary_url: settings.secondaryUrl,
    on_auth_creation: settings.onAuthCreation,
    on_auth_refresh_error: settings.onAuthRefreshError,
    on_auth_refresh_recovered: settings.onAuthRefreshRecovered,
    on_sync_completion_always: settings.onSyncCompletionAlways,
    on_sync_error: settings.onSyncError,
    on_async_action_completion: settings.onAsyncActionCompletion,
  };
}

function defaultCallbackUrl({ config }: Pick<World, 'config'>): string {
  return `${config.publicUrl}/oauth/callback`;
}
