/**
 * The page that frames this one: what it is told, and what it may say. Messages go to its exact origin. Only `ready` goes to anyone, and `close`
 * where the origin is unknown: both hold nothing.
 */
import type { Appearance } from '@bowline/api/appearance';
import { asAppearance } from './look.ts';
import type { Place } from './place.ts';

export type Told =
  | { type: 'ready' }
  | { type: 'connect'; payload: { connectionId: string; providerConfigKey: string; isPending?: boolean } }
  | { type: 'error'; payload: { errorType: string; errorMessage: string } }
  | { type: 'close' };
type Listeners = { onToken: (token: string) => void; onSettings: (settings: Appearance) => void };
export type Embedder = { tell: (message: Told) => void; listen: (listeners: Listeners) => () => void };

export function findEmbedder({ framed, preview }: Pick<Place, 'framed' | 'preview'>): Embedder {
  if (!framed) return { tell: () => {}, listen: () => () => {} };
  let origin = firstOrigin();
  const tell = (message: Told) => {
    const target = message.type === 'ready' ? '*' : (origin ?? (message.type === 'close' ? '*' : undefined));
    if (target !== undefined) parent.postMessage(message, target);
  };
  const listen = ({ onToken, onSettings }: Listeners) => {
    const hear = ({ source, origin: from, data }: MessageEvent<unknown>) => {
      if (source !== parent) return;
      const { type, sessionToken, payload } = Object(data);
      if (type === 'session_token' && typeof sessionToken === 'string') {
        origin = nameable(from);
        onToken(sessionToken);
      }
      const settings = type === 'settings_changed' && preview ? asAppearance(payload) : undefined;
      if (settings) onSettings(settings);
    };
    addEventListener('message', hear);
    return () => removeEventListener('message', hear);
  };
  return { tell, listen };
}

/** Before the page said anything: its origin as the browser knows it, or as it came with the request for this page. */
function firstOrigin(): string | undefined {
  const known = location.ancestorOrigins?.[0] ?? URL.parse(document.referrer)?.origin;
  return known === undefined || known === 'null' ? undefined : known;
}

/** A page without an origin (a file, a sandbox) can be named by nothing narrower; it is the one that handed out the token. */
function nameable(origin: string): string {
  return origin === 'null' ? '*' : origin;
}
