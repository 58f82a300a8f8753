/**
 * Starting other functions from inside one.
 */
import type { Port } from './port.ts';

type SyncName = string | { name: string; variant?: string };
type TriggerOptions = { reset?: boolean; emptyCache?: boolean };

export function createTriggers(port: Port) {
  return {
    triggerAction: (providerConfigKey: string, connectionId: string, name: string, input?: unknown) =>
      port.ask('action.trigger', { providerConfigKey, connectionId, name, ...(input === undefined ? {} : { input }) }),
    triggerSync: async (providerConfigKey: string, connectionId: string, sync: SyncName, options?: TriggerOptions | string | boolean) =>
      port.ask('sync.trigger', { providerConfigKey, connectionId, ...named(sync), ...modern(options) }),
    startSync: async (providerConfigKey: string, syncs: SyncName[], connectionId?: string) =>
      port.ask('sync.start', { providerConfigKey, syncs: syncs.map(named), ...(connectionId === undefined ? {} : { connectionId }) }),
  };
}

function named(sync: SyncName): { name: string; variant?: string } {
  return typeof sync === 'string' ? { name: sync } : sync;
}

/** The deprecated forms were a sync mode or "full resync: yes". */
function modern(options: TriggerOptions | string | boolean | undefined): TriggerOptions {
  if (typeof options === 'boolean') return options ? { reset: true } : {};
  if (options === 'full_refresh') return { reset: true };
  if (options === 'full_refresh_and_clear_cache') return { reset: true, emptyCache: true };
  return typeof options === 'object' ? { ...options } : {};
}
