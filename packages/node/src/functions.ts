/** Functions: the syncs, actions and event handlers deployed for an integration. */
import { IntegrationCalls } from './integrations.ts';
import type { CallOptions } from './settings.ts';
import { path, send } from './transport.ts';
import type { FunctionCode, Functions, Success } from './wire.ts';

type FunctionType = Functions['data'][number]['type'];
type Named = { uniqueKey: string; name: string };
/**
 * Which functions to list: of a type, with a text in their name, a page at a time.
 *
 * @example
 * import type { FunctionQuery } from '@bowline/node';
 * const secondPage: FunctionQuery = { type: 'sync', page: 1, limit: 50 };
 * const { data } = await client.listFunctions({ uniqueKey: 'github' }, secondPage);
 */
export type FunctionQuery = { type?: FunctionType; search?: string; page?: number; limit?: number };

export abstract class FunctionCalls extends IntegrationCalls {
  /**
   * Lists the functions deployed for one integration. Pages begin with 0.
   *
   * @example
   * const { data, pagination } = await client.listFunctions({ uniqueKey: 'github' }, { type: 'sync' });
   */
  async listFunctions({ uniqueKey }: { uniqueKey: string }, query: FunctionQuery = {}, options?: CallOptions): Promise<Functions> {
    const { type, search, page, limit } = query;
    const call = { method: 'GET', path: path`/integrations/${uniqueKey}/functions`, query: { type, search, page, limit } };
    return (await send<Functions>(this.settings, call, options)).data;
  }

  /**
   * Reads one deployed function.
   *
   * @example
   * const { data } = await client.getFunction({ uniqueKey: 'github', name: 'issues' }, { type: 'sync' });
   */
  async getFunction(
    { uniqueKey, name }: Named,
    { type }: { type?: FunctionType | undefined } = {},
    options?: CallOptions,
  ): Promise<{ data: Functions['data'][number] }> {
    const call = { method: 'GET', path: path`/integrations/${uniqueKey}/functions/${name}`, query: { type } };
    return (await send<{ data: Functions['data'][number] }>(this.settings, call, options)).data;
  }

  /**
   * Reads the TypeScript source of one deployed function.
   *
   * @example
   * const { code } = await client.getFunctionCode({ uniqueKey: 'github', name: 'issues' });
   */
  async getFunctionCode(
    { uniqueKey, name }: Named,
    { type }: { type?: FunctionType | undefined } = {},
    options?: CallOptions,
  ): Promise<FunctionCode> {
    const call = { method: 'GET', path: path`/integrations/${uniqueKey}/functions/${name}/code`, query: { type } };
    return (await send<FunctionCode>(this.settings, call, options)).data;
  }

  /**
   * Deletes one function that was not deployed from a repository.
   *
   * @example
   * await client.deleteFunction({ uniqueKey: 'github', name: 'issues' }, { type: 'sync' });
   */
  async deleteFunction(
    { uniqueKey, name }: Named,
    { type }: { type: 'sync' | 'action' },
    options?: CallOptions,
  ): Promise<{ data: Success }> {
    const call = { method: 'DELETE', path: path`/integrations/${uniqueKey}/functions/${name}`, query: { type } };
    return (await send<{ data: Success }>(this.settings, call, options)).data;
  }
}
