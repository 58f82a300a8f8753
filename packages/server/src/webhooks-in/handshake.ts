/** What a provider asks before it sends anything, answered. It repeats what was asked, so nothing needs to be proven first. Pure. */
import { createHmac } from 'node:crypto';
import type { Handshake } from '@bowline/providers/webhook-routing';
import { holds } from './routing/condition.ts';
import { fillPlaces } from './routing/text.ts';
import type { Readable } from './verify/place.ts';

export type Reply = { readonly type: string; readonly text: string; readonly headers: Readonly<Record<string, string>> };

/**
 * A token that a provider makes up. Whoever asks chooses what is signed: a text that could be a webhook's body, or what Zoom signs of one, is
 * not, or anybody could have forgeries signed here.
 */
const TOKEN = /^[\w+/=-]{1,256}$/;
const CHARS_MAX = 4_096;

/** @param key its webhooks are signed with. @returns undefined when it asks nothing, or cannot be answered */
export function answerHandshake(
  asked: Handshake | undefined,
  readable: Readable & { readonly method: string },
  key: string | undefined,
): Reply | undefined {
  if (!asked || asked.kept || !holds(asked.when, readable)) return undefined;
  const sign = (way: string, value: string) =>
    key !== undefined && TOKEN.test(value)
      ? createHmac('sha256', key)
          .update(value)
          .digest(way === 'hmac-hex' ? 'hex' : 'base64')
      : undefined;
  const fill = (text: string) => fillPlaces(text, readable, sign)?.slice(0, CHARS_MAX);
  const filled = (of: Readonly<Record<string, string | number>> = {}) =>
    Object.entries(of).flatMap(([name, text]): [string, string | number][] => {
      const value = typeof text === 'number' ? text : fill(text);
      return value === undefined ? [] : [[name, value]];
    });
  const headers = filled(asked.headers).map(([name, value]) => [name, String(value).replaceAll(/[^\t\x20-\x7e]/g, '')]);
  const text = asked.text === undefined ? '' : fill(asked.text);
  const json = filled(asked.json);
  const isWhole =
    text !== undefined &&
    json.length === Object.keys(asked.json ?? {}).length &&
    headers.length === Object.keys(asked.headers ?? {}).length;
  if (!isWhole) return undefined;
  return {
    type: asked.json ? 'application/json' : 'text/plain; charset=utf-8',
    text: asked.json ? JSON.stringify(Object.fromEntries(json)) : text,
    headers: Object.fromEntries(headers),
  };
}
