/**
 * The live channel of the popup flow: the page that opened the popup holds a WebSocket and hears how it went.
 * Messages travel over the bus, so the callback may arrive at another process than the one that holds the socket.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { World } from '../base/world.ts';

export type LiveMessage =
  | { message_type: 'success'; provider_config_key: string; connection_id: string; is_pending: boolean }
  | {
      message_type: 'error';
      provider_config_key: string | undefined;
      connection_id: string | undefined;
      error_type: string;
      error_desc: string;
    };

const CHANNEL = 'connect';
const PING_MS = 30_000;

/** Tells the page behind `clientId`, wherever it is connected. */
export async function tell({ bus }: Pick<World, 'bus'>, clientId: string | undefined, message: LiveMessage): Promise<void> {
  if (clientId) await bus.publish(CHANNEL, { clientId, message });
}

/** Serves the sockets at `/`, where the published browser clients look for them. @returns how to stop */
export function serveLive(server: Server, { bus, random }: Pick<World, 'bus' | 'random'>): () => void {
  const sockets = new Map<string, WebSocket>();
  const sweep = setInterval(() => {
    for (const socket of sockets.values()) socket.ping();
  }, PING_MS);
  const wss = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Not `new URL`: it throws at `//`, and an error thrown here ends the process.
    if ((request.url ?? '/').split('?')[0] !== '/') {
      socket.destroy();
      return;
    }
    wss.handleUpgrade(request, socket, head, (client) => {
      const id = random.uuid();
      sockets.set(id, client);
      client.on('close', () => sockets.delete(id)).on('error', () => client.terminate());
      client.send(JSON.stringify({ message_type: 'connection_ack', ws_client_id: id }));
    });
  };
  server.on('upgrade', onUpgrade);
  const unsubscribe = bus.subscribe(CHANNEL, (payload) => {
    const { clientId, message } = payload as { clientId: string; message: LiveMessage }; // published by tell
    sockets.get(clientId)?.send(JSON.stringify(message));
  });
  return () => {
    unsubscribe();
    clearInterval(sweep);
    server.off('upgrade', onUpgrade);
    for (const socket of sockets.values()) socket.terminate();
  };
}
