/**
 * Authorization in the provider's own window. `openWindow` must be called inside the click: browsers block windows opened later.
 * A closed window only hints at an end: providers that isolate their pages look closed while the person is still there.
 */
import { ConnectProblem } from './problem.ts';
import { type ConnectSocket, openSocket } from './socket.ts';

const WIDTH = 520;
const HEIGHT = 720;
const LOOK_MS = 700;
const ASK_EVERY = 3;

export function openWindow(): Window {
  const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - WIDTH) / 2));
  const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - HEIGHT) / 3));
  const size = `width=${Math.min(WIDTH, screen.availWidth)},height=${Math.min(HEIGHT, screen.availHeight)}`;
  const opened = window.open('', '_blank', `${size},left=${left},top=${top},scrollbars=yes,resizable=yes`);
  if (!opened || opened.closed) throw new ConnectProblem('blocked_by_browser', 'The window could not be opened');
  opened.document.title = 'Connecting…';
  return opened;
}

export type Authorization = {
  baseUrl: string;
  socketPath: string | undefined;
  token: string;
  key: string;
  params: Record<string, string>;
  /** Asks the server for the connection this attempt made, for when the socket cannot tell. Undefined: there is nobody to ask. */
  find: (() => Promise<string | undefined>) | undefined;
  /** The window looks closed and nothing has been heard. */
  onClosed: () => void;
  signal: AbortSignal;
};

/** Resolves to the id of the connection if it could be learnt, or rejects with a ConnectProblem. The window is closed either way. */
export async function authorize(opened: Window, how: Authorization): Promise<string | undefined> {
  const socket = openSocket(how.baseUrl, how.socketPath);
  try {
    const clientId = await socket.ready;
    if (opened.closed) throw new ConnectProblem('window_closed', 'The window was closed');
    opened.location.href = addressOf(how, clientId);
    return await outcome(opened, how, socket, clientId === undefined);
  } finally {
    socket.close();
    opened.close();
  }
}

export function addressOf(
  { baseUrl, token, key, params }: Pick<Authorization, 'baseUrl' | 'token' | 'key' | 'params'>,
  clientId?: string,
): string {
  const address = new URL(`/oauth/connect/${encodeURIComponent(key)}`, baseUrl);
  address.searchParams.set('connect_session_token', token);
  for (const [name, value] of Object.entries(params)) address.searchParams.set(`params[${name}]`, value);
  if (clientId) address.searchParams.set('ws_client_id', clientId);
  return address.href;
}

type Told = { type?: string; payload?: { message?: string; errorType?: string } };

function outcome(opened: Window, how: Authorization, socket: ConnectSocket, withoutSocket: boolean): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  let isDeaf = withoutSocket;
  let looksClosed = false;
  let looks = 0;
  const ask = () =>
    how.find?.().then(
      (id) => id && resolve(id),
      () => undefined,
    ); // asked again at the next look
  const channel = new BroadcastChannel('nango-oauth-callback');
  const timer = setInterval(() => {
    looks++;
    if (opened.closed && !looksClosed) {
      looksClosed = true;
      how.onClosed();
    }
    if ((isDeaf || looksClosed) && looks % ASK_EVERY === 0) void ask();
  }, LOOK_MS);
  // Another tab's attempt is heard here too, so success only makes us ask, and an error counts only when no socket can tell.
  // With nobody to ask, the word of the page that the window ended on has to do, once the socket is lost.
  channel.onmessage = ({ data }: MessageEvent<Told>) => {
    if (data.type === 'nango_oauth_callback_success') {
      if (how.find) void ask();
      else if (isDeaf) resolve(undefined);
    }
    if (data.type === 'nango_oauth_callback_error' && (isDeaf || looksClosed)) {
      reject(new ConnectProblem(data.payload?.errorType ?? 'unknown_err', data.payload?.message ?? ''));
    }
  };
  socket.onSuccess = resolve;
  socket.onError = reject;
  socket.onLost = () => {
    isDeaf = true;
  };
  how.signal.addEventListener('abort', () => reject(new ConnectProblem('cancelled', 'Cancelled')), { once: true });
  return promise.finally(() => {
    clearInterval(timer);
    channel.close();
    socket.onLost = () => {};
  });
}
