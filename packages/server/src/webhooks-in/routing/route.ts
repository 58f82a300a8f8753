/**
 * What a webhook says: its events, what each is called and what of a connection it names. All of it is data of the catalogue; a provider without a
 * row is read by what its developer puts into the address. Pure, so that whoever runs a function later reads the same out of what was stored.
 */
import { createHash } from 'node:crypto';
import type { WebhookFacts } from '@bowline/providers/facts';
import { partOf } from '@bowline/providers/patterns';
import type { Match, Routing } from '@bowline/providers/webhook-routing';
import { contentOf, type Incoming } from '../verify/incoming.ts';
import { type Readable, readPlace, valuesAt } from '../verify/place.ts';
import { holds } from './condition.ts';
import { fillPlaces } from './text.ts';

/** `is`: what of a connection is called so: `id`, `account`, `config.x`, `metadata.x`, or a `subscription` of it. */
export type Naming = { readonly is: Match['is']; readonly values: readonly string[] };
export type RoutedEvent = {
  /** What functions subscribe to: any of these. */
  readonly names: readonly string[];
  /** What functions get. */
  readonly payload: unknown;
  /** Tried in turn. */
  readonly connections: readonly Naming[];
  readonly everyone: boolean;
  /** Forwarded, and for no function. */
  readonly ignored: boolean;
  readonly element: unknown;
};
export type Routed = {
  /** In the order in which functions get them. A place in this list names an event for good. */
  readonly events: readonly RoutedEvent[];
  /** What of it the app gets for some of its events. */
  forwarded(events: readonly RoutedEvent[]): unknown;
  /** What the provider calls this delivery. */
  readonly once: string | undefined;
};
export type Read = Readable & Pick<Incoming, 'method' | 'body'>;

/** In the addresses that we gave providers ourselves: it says for whom they are, whatever they say. */
const OURS: Match = { from: 'query.subscription', is: 'subscription' };
/** Where a developer can put the id of a connection, whatever the provider sends. */
const NAMED: readonly Match[] = [
  'query.nangoConnectionId',
  'header.x-nango-connection-id',
  'header.nango-connection-id',
  'body.nangoConnectionId',
].map((from) => ({ from, is: 'id' }));
/** A name of the wire: connections keep the hash instead of the address. */
const EMAIL_PREFIX = 'nango.emailAddressHash.v1:';
const NAME_CHARS_MAX = 512;

/** Deeper than any vendor's, and far less deep than what runs out of stack when it is written again. */
const DEPTH_MAX = 1_000;

export async function readWebhook(incoming: Incoming): Promise<Read> {
  const content = isDeep(incoming.body) ? undefined : await contentOf(incoming);
  return { ...incoming, content: content ?? incoming.body.toString('utf8') };
}

/** By its brackets alone, those within texts included: that is enough for what nobody sends. */
function isDeep(body: Buffer): boolean {
  let depth = 0;
  for (const byte of body) {
    if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}

export function routeWebhook(facts: WebhookFacts | undefined, read: Read): Routed {
  const routing = facts?.routing ?? {};
  const elements = elementsOf(routing, read);
  const wholeForward = routing.payload === 'headers' ? headersOf(read) : read.content;
  const events = elements.map((element) => eventOf(facts, element, read));
  return {
    events: sorted(routing, events, read),
    forwarded: (some) =>
      some.length === events.length || !routing.each
        ? wholeForward
        : replaceList(
            read.content,
            routing.each,
            some.map(({ element }) => element),
          ),
    once: onceOf(facts, read),
  };
}

/** Ids that its address names, which was given to a provider that was asked to send there. */
export const subscriptionsOf = ({ events }: Pick<Routed, 'events'>): ReadonlySet<string> =>
  new Set(events.slice(0, 1).flatMap(({ connections }) => connections.flatMap(({ is, values }) => (is === OURS.is ? values : []))));

function elementsOf({ each }: Routing, read: Read): unknown[] {
  const [list] = each === undefined ? [] : valuesAt(each, read);
  return Array.isArray(list) ? list : [each !== undefined && list !== undefined && each !== 'body' ? list : read.content];
}

function eventOf(facts: WebhookFacts | undefined, element: unknown, whole: Read): RoutedEvent {
  const routing = facts?.routing ?? {};
  const item = decoded(routing, element, whole);
  const read = { ...whole, item };
  const templates = routing.event ?? (facts?.event ? [facts.event] : []);
  const names = templates.flatMap((one) => (one === '*' ? [] : (nameAt(one, read) ?? [])));
  return {
    names: [...new Set(names)].map((name) => name.slice(0, NAME_CHARS_MAX)),
    payload: routing.payload === 'headers' ? headersOf(whole) : item,
    connections: [OURS, ...(routing.everyone ? [] : [...(routing.connections ?? []), ...NAMED])].flatMap((match) => namingOf(match, read)),
    everyone: routing.everyone ?? false,
    ignored: routing.ignore?.some((condition) => holds(condition, read)) ?? false,
    element,
  };
}

const nameAt = (template: string, read: Read) => (template.includes('{') ? fillPlaces(template, read) : readPlace(template, read));

function namingOf({ from, pattern, hash, is }: Match, read: Read): Naming[] {
  const values = readPlace(from, read)
    .map((value) => (pattern === undefined ? value : decodeURIComponentSafely(partOf(pattern, value) ?? '')))
    .map((value) => (hash === 'email' ? hashOf(value) : value))
    .filter((value) => value !== '' && value.length <= NAME_CHARS_MAX);
  return values.length === 0 ? [] : [{ is, values: [...new Set(values)].slice(0, 100) }];
}

const hashOf = (address: string) =>
  createHash('sha256')
    .update(EMAIL_PREFIX + address.toLowerCase())
    .digest('hex');

/** Patterns take parts of addresses. */
function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Google's Pub/Sub hands a message on as base64 within its own. */
function decoded({ decode }: Routing, element: unknown, whole: Read): unknown {
  const [text] = decode === undefined ? [] : readPlace(decode, whole);
  if (text === undefined) return element;
  try {
    const inner: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return { ...Object(element), ...Object(inner) };
  } catch {
    return element;
  }
}

/** Those that came in one request, in the order that the provider means. */
function sorted({ order, first = '\0' }: Routing, events: readonly RoutedEvent[], whole: Read): RoutedEvent[] {
  if (!order) return [...events];
  const keyed = events.map((event) => {
    const read = { ...whole, item: event.element };
    const keys = order.map((place) => readPlace(place, read)[0] ?? '');
    return { event, keys: [keys[0] ?? '', event.names.some((name) => name.endsWith(first)) ? '0' : '1', ...keys.slice(1)] };
  });
  return keyed.toSorted((a, b) => compareAll(a.keys, b.keys)).map(({ event }) => event);
}

function compareAll(a: readonly string[], b: readonly string[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? '';
    const difference = one.localeCompare(other, 'en', { numeric: true });
    if (difference !== 0) return difference;
  }
  return 0;
}

function replaceList(content: unknown, each: string, list: readonly unknown[]): unknown {
  const [, ...path] = each.split('.');
  const [key, ...rest] = path;
  if (key === undefined) return list;
  const inner: Record<string, unknown> = { ...Object(content) };
  return { ...inner, [key]: rest.length === 0 ? list : replaceList(inner[key], ['body', ...rest].join('.'), list) };
}

const PRIVATE = /^(?:authorization|proxy-.*|cookie|host|connection|content-length)$/;
const headersOf = ({ headers }: Read): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (PRIVATE.test(name) || value === undefined ? [] : [[name, String(value)]])),
  );

/**
 * The vendor's own id. Where it has none and signs the time of sending, the signature is as good: the same one is the same sending.
 */
function onceOf(facts: WebhookFacts | undefined, read: Read): string | undefined {
  const places = facts?.routing?.once ?? (facts?.id ? [facts.id] : []);
  const parts = places.map((place) => readPlace(place, read)[0]);
  if (places.length > 0) return parts.includes(undefined) ? undefined : short(parts.join(' '));
  const signsTime = facts?.signed?.includes('{timestamp}') ?? false;
  const [signature] = signsTime && facts?.signature ? readPlace(facts.signature, read) : [];
  return signature && `signature ${createHash('sha256').update(signature).digest('hex')}`;
}

const short = (text: string) => (text.length <= 200 ? text : createHash('sha256').update(text).digest('hex'));
