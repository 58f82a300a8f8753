/** The feed: an environment's events as messages, each with a cursor from which reading goes on. */
import type { FeedEvent } from '@bowline/api/events';
import { isChosen } from '@bowline/api/webhook-events';
import type { World } from '../base/world.ts';
import { webhookSettings } from '../environments/settings.ts';
import { signingKeys } from '../environments/signing-keys.ts';
import { lastPlace, type Placed, readFeed } from '../events/feed.ts';
import type { Scope } from '../http/scope.ts';
import { type Message, messagesOf } from './body.ts';
import { type Forwarded, readForwarded } from './forwarded.ts';
import { signatureHeaders } from './sign.ts';

export type FeedNeeds = Pick<World, 'db' | 'keyring' | 'config' | 'clock'>;
export type FeedWish = {
  /** Only of these names; all when absent. */
  readonly types: readonly string[] | undefined;
  readonly signed: boolean;
  readonly limit: number;
};
/** Behind the nth message of the event at this place, from 0; of a place without one behind all of its messages. */
export type FeedCursor = { readonly place: number; readonly nth: number };
type Page = { readonly data: FeedEvent[]; readonly cursor: FeedCursor; readonly hasMore: boolean };

const ALL = 999;

/** @param given undefined: from the oldest that is kept. `now`: what happens from now on */
export async function cursorOf(world: FeedNeeds, { environment }: Scope, given: string | undefined): Promise<FeedCursor> {
  if (given === undefined) return { place: 0, nth: ALL };
  if (given === 'now') return { place: await lastPlace(world, environment.id), nth: ALL };
  const [place = '0', nth] = given.split('.');
  return { place: Number(place), nth: nth === undefined ? ALL : Number(nth) };
}

export const cursorText = ({ place, nth }: FeedCursor): string => (nth === ALL ? String(place) : `${place}.${nth}`);

export async function readPage(
  world: FeedNeeds,
  { environment }: Scope,
  { after, wish }: { after: FeedCursor; wish: FeedWish },
): Promise<Page> {
  const settings = await webhookSettings(world, environment.id);
  const keys = wish.signed ? await signingKeys(world, environment.id) : [];
  const from = after.nth === ALL ? after.place + 1 : after.place;
  const events = await readFeed(world, environment.id, { from, limit: wish.limit + 1 });
  const page = events.slice(0, wish.limit);
  const isWanted = (name: string) => !wish.types || isChosen(wish.types, name);
  const forwarded = isWanted(FORWARDED) ? await readForwarded(world, environment.id, page.flatMap(forwardIdOf)) : new Map();
  const tooMuch = page.findIndex((event) => forwardIdOf(event).some((id) => forwarded.get(id) === null));
  const read = tooMuch === -1 ? page : page.slice(0, tooMuch);
  const data = read.flatMap((event) => {
    const messages: Told[] =
      event.type === FORWARDED ? messagesOfForwarded(forwarded.get(event.payload.forwardId)) : messagesOf(event, settings);
    return messages.flatMap((message, nth) => {
      const isBehind = event.place > after.place || nth > after.nth;
      if (!isBehind || !isWanted(message.name)) return [];
      return [shown(event, message, { cursor: { place: event.place, nth }, keys, at: world.clock.now() })];
    });
  });
  const last = read.at(-1);
  return { data, cursor: last ? { place: last.place, nth: ALL } : after, hasMore: read.length < events.length };
}

/** `headers`: what came along, of what was forwarded. */
type Told = Pick<Message, 'name' | 'text'> & { readonly headers?: Forwarded['headers'] };

const FORWARDED = 'webhook.forwarded';
const forwardIdOf = (event: Placed): string[] => (event.type === FORWARDED ? [event.payload.forwardId] : []);
/** None of one that was forgotten. */
const messagesOfForwarded = (forwarded: Forwarded | null | undefined): Told[] =>
  forwarded ? [{ name: FORWARDED, text: forwarded.body, headers: forwarded.headers }] : [];

type Showing = { readonly cursor: FeedCursor; readonly keys: readonly string[]; readonly at: Date };

function shown(event: Placed, { name, text, headers }: Told, { cursor, keys, at }: Showing): FeedEvent {
  const id = cursorText(cursor);
  const signed = {
    headers: {
      ...headers,
      'content-type': 'application/json',
      'x-bowline-event': name,
      // The same whenever it is read.
      ...signatureHeaders({ keys, body: text, id: `evt_${id}`, at }),
    },
    body: text,
  };
  return {
    id,
    event: name,
    created_at: event.createdAt.toISOString(),
    data: objectOf(JSON.parse(text)),
    ...(headers ? { headers } : {}),
    ...(keys.length > 0 ? { signed } : {}),
  };
}

/** A provider whose webhook is nobody's may send a list. */
const objectOf = (data: unknown): Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data) ? { ...data } : { payload: data };
