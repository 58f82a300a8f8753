/** The activity log: what ran, and what it said. */
import { EnvironmentCalls } from './environment.ts';
import type { Project } from './project.ts';
import type { CallOptions } from './settings.ts';
import { path, send } from './transport.ts';
import type { OperationMessages, Operations } from './wire.ts';

type Operation = Operations['operations'][number];
/**
 * Which operations of the activity log.
 *
 * @example
 * import type { OperationQuery } from '@bowline/node';
 * const failed: OperationQuery = { state: 'failed', integration: 'github', limit: 20 };
 * const { operations } = await client.listOperations(failed);
 */
export type OperationQuery = {
  type?: Operation['type'];
  state?: Operation['state'];
  integration?: string;
  connection?: string;
  function?: string;
  /** Text in the title, function, connection, error or messages. */
  search?: string;
  /** ISO 8601 with `Z`; what started then is in. */
  from?: string;
  /** ISO 8601 with `Z`; what started then is not. */
  to?: string;
  cursor?: string;
  /** 1 to 200. Default 50. */
  limit?: number;
};

export abstract class LogCalls<P extends Project> extends EnvironmentCalls<P> {
  /**
   * Lists operations, newest first: runs of functions, calls through the proxy, webhooks, deploys. A page to a search may be empty and still
   * have a `next_cursor`.
   *
   * @example
   * const { operations, next_cursor } = await client.listOperations({ state: 'failed', function: 'issues' });
   */
  async listOperations(query: OperationQuery = {}, options?: CallOptions): Promise<Operations> {
    const call = { method: 'GET', path: '/logs/operations', query: { ...query } };
    return (await send<Operations>(this.settings, call, options)).data;
  }

  /**
   * Reads one operation with its messages, oldest first. `after` is the id of a message, or the `next_cursor` of a page.
   *
   * @example
   * const { operation, messages } = await client.getOperation({ id: '019f1c2e-7a40-7c31-9d52-6b8a1f0e4c77' });
   */
  async getOperation(
    { id, after, limit }: { id: string; after?: string; limit?: number },
    options?: CallOptions,
  ): Promise<OperationMessages> {
    const call = { method: 'GET', path: path`/logs/operations/${id}`, query: { after, limit } };
    return (await send<OperationMessages>(this.settings, call, options)).data;
  }
}
