/** The socket on which the server tells how an authorization in another window ended. Without it (a proxy in the way), connecting goes on by asking. */
import * as z from 'zod';
import { ConnectProblem } from './problem.ts';

const Message = z.discriminatedUnion('message_type', [
  z.object({ message_type: z.literal('connection_ack'), ws_client_id: z.string() }),
  z.object({ message_type: z.literal('success'), provider_config_key: z.string(), connection_id: z.string() }),
  z.object({ message_type: z.literal('error'), error_type: z.string().default('unknown_err'), error_desc: z.string().default('') }),
]);
const ACK_MS = 4000;

export type ConnectSocket = {
  /** The id to hand to the server, or undefined when no socket could be opened in time. */
  ready: Promise<string | undefined>;
  onSuccess: (connectionId: string) => void;
  onError: (problem: ConnectProblem) => void;
  onLost: () => void;
  close: () => void;
};

export function openSocket(baseUrl: string, path = '/'): ConnectSocket {
  const address = new URL(path, baseUrl);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const nothing = () => {};
  const acknowledged = Promise.withResolvers<string | undefined>();
  const socket = new WebSocket(address);
  const handle: ConnectSocket = {
    ready: acknowledged.promise,
    onSuccess: nothing,
    onError: nothing,
    onLost: nothing,
    close: () => socket.close(),
  };
  const lost = () => {
    acknowledged.resolve(undefined);
    handle.onLost();
  };
  setTimeout(() => acknowledged.resolve(undefined), ACK_MS);
  socket.onerror = lost;
  socket.onclose = lost;
  socket.onmessage = ({ data }) => {
    const message = parse(String(data));
    if (message?.message_type === 'connection_ack') acknowledged.resolve(message.ws_client_id);
    if (message?.message_type === 'success') handle.onSuccess(message.connection_id);
    if (message?.message_type === 'error') handle.onError(new ConnectProblem(message.error_type, message.error_desc));
  };
  return handle;
}

function parse(text: string): z.output<typeof Message> | undefined {
  try {
    return Message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
