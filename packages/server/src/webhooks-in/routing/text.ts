/** Fills a text with what stands at places of a request: `{body.type}.{body.action}`. Pure. */
import { type Readable, readPlace } from '../verify/place.ts';

/** @param how a way to write a value, named before its place: `{hmac-hex:query.token}`. @returns undefined when something is missing */
export function fillPlaces(
  text: string,
  readable: Readable,
  how: (way: string, value: string) => string | undefined = () => undefined,
): string | undefined {
  const pieces = text.split(/(\{[^{}]+\})/).map((piece) => {
    const [, way, place] = /^\{(?:([a-z0-9-]+):)?(.+)\}$/.exec(piece) ?? [];
    if (place === undefined) return piece;
    const [value] = readPlace(place, readable);
    return value === undefined || way === undefined ? value : how(way, value);
  });
  return pieces.includes(undefined) ? undefined : pieces.join('');
}
