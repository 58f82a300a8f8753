/** What the browser of an end user does: opens the popup, keeps its cookies, comes back from the provider, listens on the socket. */
import { WebSocket } from 'ws';
import type { Json, Platform } from '../platform.ts';

export type Page = { status: number; html: string; headers: Headers };
export type Popup = {
  /** Where the platform sent the browser; undefined when it showed a page instead. */
  location: URL | undefined;
  page: Page;
  cookie: string;
};

/** `GET /oauth/connect/:key` without following. */
export async function openPopup(platform: Platform, key: string, query: Record<string, string>): Promise<Popup> {
  const response = await fetch(`${platform.url}/oauth/connect/${key}?${new URLSearchParams(query)}`, { redirect: 'manual' });
  const location = response.headers.get('location');
  return {
    location: location === null ? undefined : new URL(location),
    page: { status: response.status, html: await response.text(), headers: response.headers },
    cookie: response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
  };
}

/** The provider sends the browser back with these parameters. */
export async function comeBack(platform: Platform, query: Record<string, string>, cookie: string): Promise<Page> {
  const response = await fetch(`${platform.url}/oauth/callback?${new URLSearchParams(query)}`, { headers: { cookie } });
  return { status: response.status, html: await response.text(), headers: response.headers };
}

/** What the page posts to the window that opened it. */
export function messageOf({ html }: Page): Json {
  const text = /const message = (\{.*\});?$/m.exec(html)?.[1];
  if (text === undefined) throw new Error(`no message in ${html}`);
  return JSON.parse(text);
}

export type Listening = { clientId: string; next(): Promise<Json>; messages: Json[]; close(): void };

/** Opens the socket, and resolves once the platform said who we are. */
export function listen(platform: Platform): Promise<Listening> {
  const socket = new WebSocket(platform.url.replace('http', 'ws'));
  const messages: Json[] = [];
  const waiting: ((message: Json) => void)[] = [];
  return new Promise((resolve, reject) => {
    socket.on('error', reject).on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.message_type === 'connection_ack') {
        resolve({
          clientId: message.ws_client_id,
          messages,
          next: () => new Promise((found) => (messages.length > 0 ? found(messages.shift()) : waiting.push(found))),
          close: () => socket.close(),
        });
      } else {
        const first = waiting.shift();
        if (first) first(message);
        else messages.push(message);
      }
    });
  });
}
