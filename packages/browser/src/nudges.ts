/**
 * Everything that says an attempt may have ended: the page the popup ends on, the socket, the person coming back. None of it is believed:
 * it only makes us ask the server at once instead of later. So a lost window, a refused socket or a forged message changes nothing but the time.
 */
import type { Api } from './api.ts';

const CHANNEL = 'nango-oauth-callback';
const CLOSED_LOOK_MS = 250;
const RECONNECT_MS = [500, 2_000, 5_000, 15_000];

export type Nudges = {
  /** Resolves at the next nudge, at once if there was one since, or when the time is over. */
  next(ms: number): Promise<void>;
  /** Whether a socket would tell. */
  hears(): boolean;
  stop(): void;
};

/** @param isClosed looked at often: closing is a nudge too */
export function listen(api: Api, attempt: string, isClosed: () => boolean): Nudges {
  let nudged = false;
  let wake: () => void = () => {};
  const nudge = () => {
    nudged = true;
    wake();
  };
  const stops = [onPage(nudge), onChannel(nudge), onClosing(nudge, isClosed)];
  const socket = onSocket(api, attempt, nudge);
  return {
    hears: socket.isOpen,
    stop: () => {
      for (const stop of [...stops, socket.stop]) stop();
    },
    async next(ms) {
      if (!nudged) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      nudged = false;
    },
  };
}

function onPage(nudge: () => void): () => void {
  const onMessage = ({ data }: MessageEvent<unknown>) => {
    if (String(Object(data).type).startsWith('nango_oauth_callback_')) nudge();
  };
  const events = ['online', 'focus', 'pageshow'];
  addEventListener('message', onMessage);
  for (const name of events) addEventListener(name, nudge);
  document.addEventListener('visibilitychange', nudge);
  return () => {
    removeEventListener('message', onMessage);
    for (const name of events) removeEventListener(name, nudge);
    document.removeEventListener('visibilitychange', nudge);
  };
}

function onChannel(nudge: () => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {};
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = nudge;
  return () => channel.close();
}

function onClosing(nudge: () => void, isClosed: () => boolean): () => void {
  let wasClosed = false;
  const timer = setInterval(() => {
    if (isClosed() && !wasClosed) nudge();
    wasClosed = isClosed();
  }, CLOSED_LOOK_MS);
  return () => clearInterval(timer);
}

function onSocket({ host, websocketsPath }: Api, attempt: string, nudge: () => void) {
  const address = new URL(websocketsPath, `${host}/`);
  address.protocol = address.protocol.replace('http', 'ws');
  address.searchParams.set('attempt', attempt);
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stopped = false;
  const open = () => {
    try {
      socket = new WebSocket(address);
    } catch {
      return; // forbidden by the page's policy: asking has to do
    }
    socket.onmessage = ({ data }) => {
      if (String(data).includes('attempt_settled')) nudge();
    };
    socket.onopen = () => {
      failures = 0;
      nudge(); // what was told before now, nobody heard
    };
    socket.onclose = () => {
      if (stopped) return;
      timer = setTimeout(open, RECONNECT_MS[Math.min(failures++, RECONNECT_MS.length - 1)]);
    };
  };
  open();
  return {
    isOpen: () => socket?.readyState === 1,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
