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
const SETTLED = JSON.stringify({ message_type: 'attempt_settled' });

/** Who waits: a page by the id of its socket, or all that watch an attempt. */
export type Waiting = { wsClientId?: string | undefined; attempt?: { id: string } | undefined };
type News = { clientId: string; message: LiveMessage } | { attempt: string };

/** Tells the page that waits, wherever it is connected. Those that watch an attempt learn only that it is time to ask. */
export async function tell({ bus }: Pick<World, 'bus'>, { wsClientId, attempt }: Waiting, message: LiveMessage): Promise<void> {
  if (wsClientId) await bus.publish(CHANNEL, { clientId: wsClientId, message } satisfies News);
  if (attempt) await bus.publish(CHANNEL, { attempt: attempt.id } satisfies News);
}

/** Serves the sockets at `/`, where the published browser clients look for them. @returns how to stop */
export function serveLive(server: Server, { bus, random }: Pick<World, 'bus' | 'random'>): () => void {
  const sockets = new Map<string, { client: WebSocket; attempt: string | undefined }>();
  const sweep = setInterval(() => {
    for (const { client } of sockets.values()) client.ping();
  }, PING_MS);
  const wss = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Not `new URL`: it throws at `//`, and an error thrown here ends the process.
    const [path = '/', query] = (request.url ?? '/').split('?');
    if (path !== '/') {
      socket.destroy();
      return;
    }
    const attempt = new URLSearchParams(query).get('attempt') ?? undefined;
    wss.handleUpgrade(request, socket, head, (client) => {
      const id = random.uuid();
      sockets.set(id, { client, attempt });
      client.on('close', () => sockets.delete(id)).on('error', () => client.terminate());
      client.send(JSON.stringify({ message_type: 'connection_ack', ws_client_id: id }));
    });
  };
  server.on('upgrade', onUpgrade);
  const unsubscribe = bus.subscribe(CHANNEL, (payload) => {
    const news = payload as News; // published by tell
    if ('clientId' in news) sockets.get(news.clientId)?.client.send(JSON.stringify(news.message));
    else for (const { client, attempt } of sockets.values()) if (attempt === news.attempt) client.send(SETTLED);
  });
  return () => {
    unsubscribe();
    clearInterval(sweep);
    server.off('upgrade', onUpgrade);
    for (const { client } of sockets.values()) client.terminate();
  };
}
