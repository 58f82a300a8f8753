/** Connect sessions: short-lived permission for a browser to make or repair a connection. */
import { MetadataCalls } from './metadata.ts';
import type { CallOptions } from './settings.ts';
import { send } from './transport.ts';
import type { ConnectSession, ConnectSessionRequest, ReconnectSessionRequest } from './wire.ts';

export abstract class ConnectCalls extends MetadataCalls {
  /**
   * Makes a connect session: hand its token to your frontend, or send the user to its link.
   *
   * @example
   * const { data } = await client.createConnectSession({ end_user: { id: 'user-1' }, allowed_integrations: ['github'] });
   * console.log(data.token, data.connect_link);
   */
  async createConnectSession(session: ConnectSessionRequest, options?: CallOptions): Promise<ConnectSession> {
    return (await send<ConnectSession>(this.settings, { method: 'POST', path: '/connect/sessions', json: session }, options)).data;
  }

  /**
   * Makes a connect session that repairs one connection.
   *
   * @example
   * const { data } = await client.createReconnectSession({ connection_id: 'user-1', integration_id: 'github' });
   */
  async createReconnectSession(session: ReconnectSessionRequest, options?: CallOptions): Promise<ConnectSession> {
    const call = { method: 'POST', path: '/connect/sessions/reconnect', json: session };
    return (await send<ConnectSession>(this.settings, call, options)).data;
  }
}
