/** The proxy: requests to the provider with the connection's credentials. */
import { LogCalls } from './logs.ts';
import type { Project } from './project.ts';
import { type ProxyCall, proxyRequest } from './proxy-request.ts';
import type { Reply, Untyped } from './reply.ts';
import type { CallOptions } from './settings.ts';
import { send } from './transport.ts';

/**
 * A proxied call whose method is in the name of what is called.
 *
 * @example
 * import type { MethodlessCall } from '@bowline/node';
 * const me: MethodlessCall = { endpoint: '/user', providerConfigKey: 'github', connectionId: 'user-1', retries: 3 };
 * const { data } = await client.get<{ login: string }>(me);
 */
export type MethodlessCall = Omit<ProxyCall, 'method'>;
type Bodiless = Omit<MethodlessCall, 'data'>;

export abstract class ProxyCalls<P extends Project> extends LogCalls<P> {
  /**
   * Sends a request to the provider with the connection's credentials. Resolves with `{ data, status, statusText, headers }`; a status
   * that is no success rejects with a `ProxyError` whose `response` is the provider's answer.
   *
   * @example
   * const { data } = await client.proxy<{ login: string }>({ method: 'GET', endpoint: '/user', providerConfigKey: 'github', connectionId: 'user-1' });
   */
  async proxy<T = Untyped>(call: ProxyCall, options?: CallOptions): Promise<Reply<T>> {
    return send<T>(this.settings, await proxyRequest(call, this.settings), options);
  }

  /**
   * GET through the proxy.
   *
   * @example
   * const { data } = await client.get({ endpoint: '/repos', params: { per_page: 100 }, providerConfigKey: 'github', connectionId: 'user-1' });
   */
  async get<T = Untyped>(call: Bodiless, options?: CallOptions): Promise<Reply<T>> {
    return this.proxy<T>({ ...call, method: 'GET' }, options);
  }

  /**
   * POST through the proxy. An object is sent as JSON; text, bytes, forms and streams as they are.
   *
   * @example
   * await client.post({ endpoint: '/issues', data: { title: 'Hi' }, providerConfigKey: 'github', connectionId: 'user-1' });
   */
  async post<T = Untyped>(call: MethodlessCall, options?: CallOptions): Promise<Reply<T>> {
    return this.proxy<T>({ ...call, method: 'POST' }, options);
  }

  /**
   * PUT through the proxy.
   *
   * @example
   * await client.put({ endpoint: '/issues/1', data: { title: 'Hi' }, providerConfigKey: 'github', connectionId: 'user-1' });
   */
  async put<T = Untyped>(call: MethodlessCall, options?: CallOptions): Promise<Reply<T>> {
    return this.proxy<T>({ ...call, method: 'PUT' }, options);
  }

  /**
   * PATCH through the proxy.
   *
   * @example
   * await client.patch({ endpoint: '/issues/1', data: { title: 'Hi' }, providerConfigKey: 'github', connectionId: 'user-1' });
   */
  async patch<T = Untyped>(call: MethodlessCall, options?: CallOptions): Promise<Reply<T>> {
    return this.proxy<T>({ ...call, method: 'PATCH' }, options);
  }

  /**
   * DELETE through the proxy.
   *
   * @example
   * await client.delete({ endpoint: '/issues/1', providerConfigKey: 'github', connectionId: 'user-1' });
   */
  async delete<T = Untyped>(call: MethodlessCall, options?: CallOptions): Promise<Reply<T>> {
    return this.proxy<T>({ ...call, method: 'DELETE' }, options);
  }
}
