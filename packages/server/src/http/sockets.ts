/**
 * Which sockets are between two requests, told by whether the last answer has left us to the last byte.
 * Node's own test is whether the answer was ended: at a stop it cuts what a slow reader has yet to get.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Sockets = {
  /** Every request must be told. */
  begin(request: IncomingMessage, response: ServerResponse): void;
  /** Is an answer to be made, or on its way? */
  isBusy(socket: Socket): boolean;
};

/** Also makes `closeIdleConnections`, which `server.close()` calls, close only those that are idle in this sense. */
export function watchSockets(server: Server): Sockets {
  const last = new Map<Socket, ServerResponse | undefined>();
  const isBusy = (socket: Socket) => {
    const response = last.get(socket);
    return response !== undefined && !response.writableFinished && !response.destroyed;
  };
  server.on('connection', (socket: Socket) => {
    last.set(socket, undefined);
    socket.once('close', () => last.delete(socket));
  });
  server.closeIdleConnections = () => {
    for (const socket of last.keys()) if (!isBusy(socket)) socket.destroySoon();
  };
  return {
    begin(request, response) {
      // Not for a socket that is gone, or not one of the server's own (`inject` of a test).
      if (last.has(request.socket)) last.set(request.socket, response);
    },
    isBusy,
  };
}
