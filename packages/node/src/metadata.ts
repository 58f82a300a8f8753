/** Metadata: what your app stores with a connection for its functions to read. */
import { ConnectionCalls } from './connections.ts';
import type { Reply, Untyped } from './reply.ts';
import type { CallOptions } from './settings.ts';
import { send } from './transport.ts';
import type { MetadataChange } from './wire.ts';

type Metadata = { [field: string]: Untyped };

export abstract class MetadataCalls extends ConnectionCalls {
  /**
   * Reads the metadata of one connection.
   *
   * @example
   * const { plan } = await client.getMetadata<{ plan: string }>('github', 'user-1');
   */
  async getMetadata<T = Metadata>(providerConfigKey: string, connectionId: string, options?: CallOptions): Promise<T> {
    const { metadata } = await this.getConnection(providerConfigKey, connectionId, false, false, false, options);
    return metadata as T; // whoever sets it knows its shape
  }

  /**
   * Replaces the metadata of one connection or several.
   *
   * @example
   * await client.setMetadata('github', ['user-1', 'user-2'], { plan: 'pro' });
   */
  async setMetadata(
    providerConfigKey: string,
    connectionId: string | readonly string[],
    metadata: Metadata,
    options?: CallOptions,
  ): Promise<Reply<MetadataChange>> {
    const json = { metadata, connection_id: connectionId, provider_config_key: providerConfigKey };
    return send<MetadataChange>(this.settings, { method: 'POST', path: '/connections/metadata', json }, options);
  }

  /**
   * Merges into the metadata of one connection or several, at the top level.
   *
   * @example
   * await client.updateMetadata('github', 'user-1', { plan: 'pro' });
   */
  async updateMetadata(
    providerConfigKey: string,
    connectionId: string | readonly string[],
    metadata: Metadata,
    options?: CallOptions,
  ): Promise<Reply<MetadataChange>> {
    const json = { metadata, connection_id: connectionId, provider_config_key: providerConfigKey };
    return send<MetadataChange>(this.settings, { method: 'PATCH', path: '/connections/metadata', json }, options);
  }
}
