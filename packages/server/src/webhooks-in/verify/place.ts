/** Reads what is at a place that the catalogue names: `header.x-signature`, `query.token`, `body.event.id`, `body.items[0].name`, `body.value[].state`. Pure. */
import type { Incoming } from './incoming.ts';

/** `item`: one event of a body that has several. */
export type Readable = Pick<Incoming, 'headers' | 'url'> & { readonly content: unknown; readonly item?: unknown };

/** @returns every value there that is text, a number or a truth value, as text: none where there is nothing, several for `[]` or a repeated header */
export function readPlace(place: string, readable: Readable): string[] {
  return valuesAt(place, readable).flatMap((value) => (['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : []));
}

/** The values themselves; `body` and `item` alone are all of it. */
export function valuesAt(place: string, { headers, url, content, item }: Readable): unknown[] {
  const [where = '', name] = place.split(/\.(.*)/s);
  if (where === 'header') return [headers[(name ?? '').toLowerCase()] ?? []].flat();
  if (where === 'query') return new URLSearchParams(/\?(.*)$/s.exec(url)?.[1] ?? '').getAll(name ?? '');
  const from = where === 'item' ? item : content;
  return name === undefined ? [from] : descend([from], name);
}

/** Keys with a dash in them are written as they are: `event-data.id` descends once. */
function descend(from: unknown[], path: string): unknown[] {
  const steps = path.split('.').flatMap((step) => step.split(/(?=\[)/));
  let found = from;
  for (const step of steps) found = found.flatMap((value) => stepInto(value, step));
  return found;
}

function stepInto(value: unknown, step: string): unknown[] {
  const index = /^\[(\d*)\]$/.exec(step)?.[1];
  if (index !== undefined) {
    if (!Array.isArray(value)) return [];
    return index === '' ? value : value.slice(Number(index), Number(index) + 1);
  }
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
  return isObject ? [(value as Record<string, unknown>)[step]] : [];
}
