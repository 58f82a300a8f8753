/** Providers: the external APIs of the server's catalogue. */
import { Calls } from './calls.ts';
import type { CallOptions } from './settings.ts';
import { path, send } from './transport.ts';
import type { Provider, Providers } from './wire.ts';

/**
 * A ready-made function of a provider.
 *
 * @example
 * import type { FunctionTemplate } from '@bowline/node';
 * const { data } = await client.getProviderTemplates({ provider: 'github' });
 * const syncs = data.filter(({ type }: FunctionTemplate) => type === 'sync');
 */
export type FunctionTemplate = {
  name: string;
  type: 'sync' | 'action';
  description?: string;
  scopes?: string[];
  input?: string;
  returns?: string[];
  json_schema?: unknown;
  runs?: string | null;
  auto_start?: boolean;
  track_deletes?: boolean;
};

export abstract class ProviderCalls extends Calls {
  /**
   * Lists the providers of the catalogue.
   *
   * @example
   * const { data } = await client.listProviders({ search: 'github' });
   */
  async listProviders(query: { search?: string | undefined } = {}, options?: CallOptions): Promise<Providers> {
    const call = { method: 'GET', path: '/providers', query: { search: query.search || undefined } };
    return (await send<Providers>(this.settings, call, options)).data;
  }

  /**
   * Reads one provider as the catalogue defines it.
   *
   * @example
   * const { data } = await client.getProvider({ provider: 'github' });
   */
  async getProvider({ provider }: { provider: string }, options?: CallOptions): Promise<Provider> {
    return (await send<Provider>(this.settings, { method: 'GET', path: path`/providers/${provider}` }, options)).data;
  }

  /**
   * Lists the ready-made functions for a provider.
   *
   * @example
   * const { data } = await client.getProviderTemplates({ provider: 'github' });
   */
  async getProviderTemplates({ provider }: { provider: string }, options?: CallOptions): Promise<{ data: FunctionTemplate[] }> {
    const call = { method: 'GET', path: path`/providers/${provider}/templates` };
    return (await send<{ data: FunctionTemplate[] }>(this.settings, call, options)).data;
  }
}
