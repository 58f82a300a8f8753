/** Integrations: providers as they are configured in the environment. */
import { ProviderCalls } from './providers.ts';
import type { Reply } from './reply.ts';
import type { CallOptions } from './settings.ts';
import { path, send } from './transport.ts';
import type { Integration, IntegrationChange, Integrations, NewIntegration, QuickstartIntegration, Success } from './wire.ts';

type Include = 'webhook' | 'credentials';
/**
 * An integration without what has to be asked for.
 *
 * @example
 * import type { IntegrationAnswer } from '@bowline/node';
 * const { data }: IntegrationAnswer = await client.createIntegration({ provider: 'stripe-api-key', unique_key: 'stripe' });
 */
export type IntegrationAnswer = { data: Integrations['data'][number] };

export abstract class IntegrationCalls extends ProviderCalls {
  /**
   * Lists the integrations of the environment.
   *
   * @example
   * const { configs } = await client.listIntegrations();
   */
  async listIntegrations(options?: CallOptions): Promise<{ configs: Integrations['data'] }> {
    const { data } = await send<Integrations>(this.settings, { method: 'GET', path: '/integrations' }, options);
    return { configs: data.data };
  }

  /**
   * Reads one integration, with its webhook address or credentials when asked for.
   *
   * @example
   * const { data } = await client.getIntegration({ uniqueKey: 'github' }, { include: ['webhook', 'credentials'] });
   */
  async getIntegration(
    { uniqueKey }: { uniqueKey: string },
    { include }: { include?: Include | readonly Include[] | undefined } = {},
    options?: CallOptions,
  ): Promise<Integration> {
    const call = { method: 'GET', path: path`/integrations/${uniqueKey}`, query: { include } };
    return (await send<Integration>(this.settings, call, options)).data;
  }

  /**
   * Configures a provider in the environment.
   *
   * @example
   * await client.createIntegration({
   *   provider: 'github',
   *   unique_key: 'github',
   *   credentials: { type: 'OAUTH2', client_id: 'id', client_secret: 'secret', scopes: 'repo' },
   * });
   */
  async createIntegration(integration: NewIntegration, options?: CallOptions): Promise<IntegrationAnswer> {
    const call = { method: 'POST', path: '/integrations', json: integration };
    return (await send<IntegrationAnswer>(this.settings, call, options)).data;
  }

  /**
   * Configures a provider with the developer app of whoever runs the server, to try things out.
   *
   * @example
   * await client.createQuickstartIntegration({ provider: 'github', unique_key: 'github-trial' });
   */
  async createQuickstartIntegration(integration: QuickstartIntegration, options?: CallOptions): Promise<IntegrationAnswer> {
    const call = { method: 'POST', path: '/integrations/quickstart', json: integration };
    return (await send<IntegrationAnswer>(this.settings, call, options)).data;
  }

  /**
   * Changes one integration; what is left out stays.
   *
   * @example
   * await client.updateIntegration({ uniqueKey: 'github' }, { display_name: 'GitHub' });
   */
  async updateIntegration(
    { uniqueKey }: { uniqueKey: string },
    change: IntegrationChange,
    options?: CallOptions,
  ): Promise<IntegrationAnswer> {
    const call = { method: 'PATCH', path: path`/integrations/${uniqueKey}`, json: change };
    return (await send<IntegrationAnswer>(this.settings, call, options)).data;
  }

  /**
   * Deletes one integration with its connections.
   *
   * @example
   * await client.deleteIntegration('github');
   */
  async deleteIntegration(uniqueKey: string, options?: CallOptions): Promise<Reply<Success>> {
    return send<Success>(this.settings, { method: 'DELETE', path: path`/integrations/${uniqueKey}` }, options);
  }
}
