/** What wraps data keys here, from the configuration: a key service when one is set, and the local keys for what they wrapped before. */
import type { Config } from '../base/config.ts';
import { loadMasterKeys, type MasterKeys } from '../base/keyring.ts';
import { createOutbound } from '../base/outbound.ts';
import { transitWrapper } from './transit.ts';
import { type KeyWrapper, localWrapper } from './wrapper.ts';

export type Keys = {
  readonly master: MasterKeys;
  readonly wrappers: readonly [KeyWrapper, ...KeyWrapper[]];
  readonly close: () => Promise<void>;
};

/** Reads; writes and asks nothing. @throws ConfigError for a damaged key file */
export function configureKeys(config: Pick<Config, 'encryptionKeys' | 'home' | 'transit' | 'outboundAuthorities'>): Keys {
  const master = loadMasterKeys(config);
  const local = localWrapper(master);
  if (!config.transit) return { master, wrappers: [local], close: async () => {} };
  // The operator's own setting, so that it may be private; nobody else can have requests sent there by this.
  const outbound = createOutbound({ allow: [new URL(config.transit.keyUrl).host], authorities: config.outboundAuthorities });
  return { master, wrappers: [transitWrapper({ ...config.transit, outbound }), local], close: outbound.close };
}
