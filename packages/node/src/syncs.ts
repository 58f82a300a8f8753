/** Syncs: run, started, paused and looked at. */

import type { Project } from './project.ts';
import { RecordCalls } from './records.ts';
import type { Reply } from './reply.ts';
import type { CallOptions } from './settings.ts';
import { path, send } from './transport.ts';
import type { Success, SyncFrequency, SyncStatuses, SyncVariant, Triggered } from './wire.ts';

/**
 * `'issues'`, `'issues::archive'` or `{ name: 'issues', variant: 'archive' }`.
 *
 * @example
 * import type { SyncName } from '@bowline/node';
 * const names: SyncName[] = ['issues', 'issues::archive', { name: 'issues', variant: 'archive' }];
 * await client.pauseSync('github', names, 'user-1');
 */
export type SyncName = string | { name: string; variant?: string };
/**
 * From the start, and with the records emptied before.
 *
 * @example
 * import type { TriggerOptions } from '@bowline/node';
 * const anew: TriggerOptions = { reset: true, emptyCache: true };
 * await client.triggerSync('github', ['issues'], 'user-1', anew);
 */
export type TriggerOptions = { reset?: boolean; emptyCache?: boolean };
/**
 * The older form of `TriggerOptions`.
 *
 * @example
 * import type { SyncMode } from '@bowline/node';
 * const mode: SyncMode = 'full_refresh';
 * await client.triggerSync('github', ['issues'], 'user-1', mode);
 */
export type SyncMode = 'incremental' | 'full_refresh' | 'full_refresh_and_clear_cache';
/**
 * A variant of a sync for one connection: another copy, with records of its own.
 *
 * @example
 * import type { Variant } from '@bowline/node';
 * const archived: Variant = { provider_config_key: 'github', connection_id: 'user-1', name: 'issues', variant: 'archived' };
 * await client.createSyncVariant(archived);
 */
export type Variant = { provider_config_key: string; connection_id: string; name: string; variant: string };

export abstract class SyncCalls<P extends Project> extends RecordCalls<P> {
  /**
   * Runs syncs now: these or all, of one connection or of all.
   *
   * @example
   * await client.triggerSync('github', ['issues'], 'user-1', { reset: true });
   */
  async triggerSync(
    providerConfigKey: string,
    syncs?: readonly SyncName[],
    connectionId?: string,
    /** A mode, or true for a full refresh, is the older form. */
    how?: TriggerOptions | SyncMode | boolean,
    options?: CallOptions,
  ): Promise<Reply<Triggered>> {
    const mode = typeof how === 'boolean' ? (how ? 'full_refresh' : 'incremental') : how;
    const json = {
      syncs: syncs ?? [],
      provider_config_key: providerConfigKey,
      connection_id: connectionId,
      ...(typeof mode === 'string' ? { sync_mode: mode } : { opts: mode }),
    };
    return send<Triggered>(this.settings, { method: 'POST', path: '/sync/trigger', json }, options);
  }

  /**
   * Runs syncs on schedule from now on.
   *
   * @example
   * await client.startSync('github', ['issues', { name: 'issues', variant: 'archive' }], 'user-1');
   */
  async startSync(
    providerConfigKey: string,
    syncs: readonly SyncName[],
    connectionId?: string,
    options?: CallOptions,
  ): Promise<Reply<Success>> {
    const json = { syncs, provider_config_key: providerConfigKey, connection_id: connectionId };
    return send<Success>(this.settings, { method: 'POST', path: '/sync/start', json }, options);
  }

  /**
   * Stops running syncs on schedule, and the run that is under way.
   *
   * @example
   * await client.pauseSync('github', ['issues'], 'user-1');
   */
  async pauseSync(
    providerConfigKey: string,
    syncs: readonly SyncName[],
    connectionId?: string,
    options?: CallOptions,
  ): Promise<Reply<Success>> {
    const json = { syncs, provider_config_key: providerConfigKey, connection_id: connectionId };
    return send<Success>(this.settings, { method: 'POST', path: '/sync/pause', json }, options);
  }

  /**
   * How syncs are doing; `'*'` means all.
   *
   * @example
   * const { syncs } = await client.syncStatus('github', '*', 'user-1');
   */
  async syncStatus(
    providerConfigKey: string,
    syncs: '*' | readonly SyncName[],
    connectionId?: string,
    options?: CallOptions,
  ): Promise<SyncStatuses> {
    const names = syncs === '*' ? '*' : syncs.map(textOf).join(',');
    const query = { syncs: names, provider_config_key: providerConfigKey, connection_id: connectionId };
    return (await send<SyncStatuses>(this.settings, { method: 'GET', path: '/sync/status', query }, options)).data;
  }

  /**
   * Gives a sync of one connection a frequency of its own; null restores the function's.
   *
   * @example
   * await client.updateSyncConnectionFrequency('github', 'issues', 'user-1', 'every 30 minutes');
   */
  async updateSyncConnectionFrequency(
    providerConfigKey: string,
    sync: SyncName,
    connectionId: string,
    frequency: string | null,
    options?: CallOptions,
  ): Promise<SyncFrequency> {
    const { name, variant } = partsOf(sync);
    const json = { sync_name: name, sync_variant: variant, provider_config_key: providerConfigKey, connection_id: connectionId, frequency };
    return (await send<SyncFrequency>(this.settings, { method: 'PUT', path: '/sync/update-connection-frequency', json }, options)).data;
  }

  /**
   * Runs another copy of a sync for one connection, with records of its own.
   *
   * @example
   * await client.createSyncVariant({ provider_config_key: 'github', connection_id: 'user-1', name: 'issues', variant: 'archive' });
   */
  async createSyncVariant({ name, variant, provider_config_key, connection_id }: Variant, options?: CallOptions): Promise<SyncVariant> {
    const call = { method: 'POST', path: path`/sync/${name}/variant/${variant}`, json: { provider_config_key, connection_id } };
    return (await send<SyncVariant>(this.settings, call, options)).data;
  }

  /**
   * Deletes a variant of a sync.
   *
   * @example
   * await client.deleteSyncVariant({ provider_config_key: 'github', connection_id: 'user-1', name: 'issues', variant: 'archive' });
   */
  async deleteSyncVariant({ name, variant, provider_config_key, connection_id }: Variant, options?: CallOptions): Promise<Success> {
    const call = { method: 'DELETE', path: path`/sync/${name}/variant/${variant}`, json: { provider_config_key, connection_id } };
    return (await send<Success>(this.settings, call, options)).data;
  }
}

function textOf(sync: SyncName): string {
  if (typeof sync === 'string') return sync;
  return sync.variant === undefined ? sync.name : `${sync.name}::${sync.variant}`;
}

function partsOf(sync: SyncName): { name: string; variant?: string | undefined } {
  if (typeof sync !== 'string') return sync;
  const [name = '', variant] = sync.split('::');
  return { name, variant };
}
