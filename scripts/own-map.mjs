/**
 * Takes npm's code out of a bundle's source map, in which it is nine parts of ten: Node decodes the whole map when the first stack is
 * written, and the server's took 60 MB then. A place in npm's code says that it has no source, so that no stack names a wrong one.
 */

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map([...digits].map((digit, value) => [digit, value]));

/** @param {{ sources: string[], mappings: string }} map version 3 @returns the same for our own files only, without names */
export function ownMap({ sources, mappings }) {
  const own = sources.flatMap((source, index) => (source.includes('node_modules/') ? [] : [index]));
  const places = new Map(own.map((index, place) => [index, place]));
  const read = [0, 0, 0]; // source, line, column: each mapping is told as the difference to the one before
  let written = [0, 0, 0];
  let inOurs = false;

  const lineOf = (text) => {
    let column = 0;
    let columnWritten = 0;
    const kept = [];
    for (const [step, ...differences] of text === '' ? [] : text.split(',').map(decode)) {
      column += step;
      for (const part of read.keys()) read[part] += differences[part] ?? 0;
      const place = differences.length === 0 ? undefined : places.get(read[0]);
      if (place === undefined && !inOurs) continue;
      inOurs = place !== undefined;
      const next = inOurs ? [place, read[1], read[2]] : written;
      kept.push(encode([column - columnWritten, ...(inOurs ? next.map((value, part) => value - written[part]) : [])]));
      columnWritten = column;
      written = next;
    }
    return kept.join(',');
  };
  return { version: 3, sources: own.map((index) => sources[index]), names: [], mappings: mappings.split(';').map(lineOf).join(';') };
}

/** Base 64 VLQ: five bits a digit, lowest first, the sixth says that more follow; the lowest bit of all is the sign. */
function decode(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = values.get(digit) ?? 0;
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function encode(numbers) {
  return numbers
    .map((number) => {
      let rest = number < 0 ? (-number << 1) | 1 : number << 1;
      let text = '';
      do {
        text += digits[(rest & 31) | (rest > 31 ? 32 : 0)];
        rest >>= 5;
      } while (rest > 0);
      return text;
    })
    .join('');
}
