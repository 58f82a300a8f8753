/**
 * Where a vendor keeps one address and one list of events for a developer's whole app. Others may have set both up: an address that leads elsewhere is
 * never replaced, and of the events only those are taken away that were asked for here.
 */
import { matches } from '@bowline/providers/patterns';
import type { WebhookSubscriptionFacts } from '@bowline/providers/subscription';
import { ApiError } from '../credentials/api.ts';
import { dig, digList, digText } from '../credentials/dig.ts';
import { type Agreed, agreedOf } from './request.ts';
import { type Ask, addressOf, LostError, noteRemote, RefusedError, send } from './send.ts';
import type { Remote } from './subscription.ts';

type Each = NonNullable<WebhookSubscriptionFacts['each']>;
type Place = NonNullable<WebhookSubscriptionFacts['document']>;
type Listed = { readonly id: string; readonly key: string };
/** What stands at the vendor now. */
type There = { readonly url: string | undefined; readonly events: readonly Listed[]; readonly document: unknown };
export type Shared = Pick<WebhookSubscriptionFacts, 'each' | 'document'> & {
  readonly address: NonNullable<WebhookSubscriptionFacts['address']>;
};

export const sharedOf = ({ address, each, document }: WebhookSubscriptionFacts): Shared | undefined =>
  address && { address, ...(each ? { each } : {}), ...(document ? { document } : {}) };

const listOf = (remote: Remote | null): string[] => remote?.asked?.split(',').filter(Boolean) ?? [];

/** @throws RefusedError when the app sends elsewhere, or an event was refused; those that were not are asked for all the same */
export async function makeShared(ask: Ask, shared: Shared, { secret, channel }: { secret: string; channel: string }): Promise<Agreed> {
  const { row, facts } = ask;
  const url = addressOf(ask);
  const there = await look(ask, shared);
  checkFree(ask, there.url);
  const { fitting, unfit } = sorted(shared, row.events);
  const before = listOf(row.remote);
  const present = new Set(there.events.map(({ key }) => key));
  const asked = fitting.filter((key) => before.includes(key) || !present.has(key));
  const remote: Remote = { id: channel, channel, url, asked: asked.join(',') };
  // Before it is asked for: whoever goes on after a crash knows which of them are ours. What is to go stays named until it is gone.
  await noteRemote(ask, { ...remote, asked: [...new Set([...before, ...asked])].join(',') });
  const gone = before.filter((key) => !fitting.includes(key));
  const next = [...there.events.filter(({ key }) => !gone.includes(key)).map(({ key }) => key), ...fitting];
  const document = shared.document && written(shared.document, there.document, { url, events: [...new Set(next)] });
  const answer = await send(ask, facts.create, { secret, channel, ...(document ? { document } : {}) });
  const agreed = agreedOf(facts, answer, channel);
  const refused = shared.each ? await makeEach(ask, shared.each, { there: there.events, fitting, gone }) : [];
  await noteRemote(ask, remote);
  if (refused.length > 0 || unfit.length > 0) throw new RefusedError(reasonOf(shared, refused, unfit));
  return { ...agreed, kept: { ...agreed.kept, url, asked: remote.asked ?? '' } };
}

/** @throws LostError when the app no longer sends here what was asked for */
export async function checkShared(ask: Ask, shared: Shared): Promise<void> {
  const there = await look(ask, shared);
  if (there.url !== addressOf(ask)) throw new LostError('The app at the provider no longer sends its webhooks here');
  const present = new Set(there.events.map(({ key }) => key));
  const missing = sorted(shared, ask.row.events).fitting.filter((key) => !present.has(key));
  if (missing.length > 0) throw new LostError(`The app at the provider no longer sends ${missing.slice(0, 5).join(', ')}`);
}

/** What its developer set up stays, and with it the address. */
export async function takeBackShared(ask: Ask, shared: Shared): Promise<void> {
  const { row, facts } = ask;
  const there = await look(ask, shared);
  if (there.url === undefined || (there.url !== row.remote?.url && there.url !== addressOf(ask))) return;
  const asked = listOf(row.remote);
  const mine = there.events.filter(({ key }) => asked.includes(key));
  const others = there.events.filter(({ key }) => !asked.includes(key)).map(({ key }) => key);
  if (shared.each) for (const { id } of mine) await gently(send(ask, shared.each.remove, { event: { id } }));
  const kept = others.length > 0 ? { url: there.url, events: others } : { url: undefined, events: [] };
  const document = shared.document && written(shared.document, there.document, kept);
  if (shared.document || others.length === 0) await gently(send(ask, facts.remove, document ? { document } : {}));
}

async function look(ask: Ask, { address, each, document }: Shared): Promise<There> {
  const body = await gently(send(ask, address));
  const inner = document ? dig(body, document.at) : undefined;
  if (document && (typeof inner !== 'object' || inner === null)) throw new RefusedError('The provider did not show how the app is set up');
  const listed = each ? await send(ask, each.list) : undefined;
  const ofEach = each ? digList(listed, each.list.list).flatMap((one) => listedOf(each, one)) : [];
  const ofDocument = document ? digList(inner, document.events).flatMap((key) => (typeof key === 'string' ? [{ id: key, key }] : [])) : [];
  return { url: document ? digText(inner, document.url) : digText(body, address.url), events: [...ofEach, ...ofDocument], document: inner };
}

function listedOf({ list }: Each, one: unknown): Listed[] {
  const [id, name, part] = [digText(one, list.id), digText(one, list.event), list.part && digText(one, list.part)];
  return id === undefined || name === undefined ? [] : [{ id, key: part ? `${name}:${part}` : name }];
}

/** What there is none of needs not be removed, and has no address. */
async function gently(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 410)) return undefined;
    throw error;
  }
}

/** Addresses of the same door are ours, whoever entered them. @throws RefusedError */
function checkFree(ask: Ask, url: string | undefined): void {
  const door = (address: string) => address.split('?')[0];
  if (url === undefined || url === ask.row.remote?.url || door(url) === door(addressOf(ask))) return;
  const host = URL.parse(url)?.host ?? 'another address';
  throw new RefusedError(
    `The app sends its webhooks to ${host}, and it has one address only. Remove it at the provider, then ask again`,
    true,
  );
}

function sorted({ each }: Shared, events: readonly string[]): { fitting: string[]; unfit: string[] } {
  const fits = (name: string) => !each || matches(each.pattern, name);
  return { fitting: events.filter(fits), unfit: events.filter((name) => !fits(name)) };
}

type Changes = { there: readonly Listed[]; fitting: readonly string[]; gone: readonly string[] };

/** @returns those that were refused; a failure that passes is thrown */
async function makeEach(ask: Ask, each: Each, { there, fitting, gone }: Changes): Promise<string[]> {
  const refused: string[] = [];
  for (const key of fitting.filter((one) => there.every((known) => known.key !== one))) {
    const [name = '', part] = key.split(/:(.*)/s);
    try {
      await send(ask, each.create, { event: { name, ...(part ? { part } : {}) } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === undefined || error.status === 429 || error.status >= 500) throw error;
      refused.push(`${key} (${error.status})`);
    }
  }
  for (const { id, key } of there) if (gone.includes(key)) await gently(send(ask, each.remove, { event: { id } }));
  return refused;
}

function reasonOf({ each }: Shared, refused: readonly string[], unfit: readonly string[]): string {
  return [
    ...(refused.length > 0 ? [`The provider refused ${refused.join(', ')}: the app may lack a scope for it`] : []),
    ...(unfit.length > 0 ? [`${unfit.join(', ')} cannot be asked for: ${each?.hint ?? ''}`] : []),
  ].join('. ');
}

/** The document as it is to be, written. Without an address what held it goes: a list of events alone is refused. */
function written(place: Place, document: unknown, { url, events }: { url: string | undefined; events: readonly string[] }): string {
  if (url === undefined) return JSON.stringify(withValue(document, place.url.split('.').slice(0, -1), undefined));
  return JSON.stringify(withValue(withValue(document, place.url.split('.'), url), place.events.split('.'), events));
}

function withValue(of: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const { [key]: inner, ...others }: Record<string, unknown> = { ...Object(of) };
  const next = withValue(inner, rest, value);
  return next === undefined ? others : { ...others, [key]: next };
}
