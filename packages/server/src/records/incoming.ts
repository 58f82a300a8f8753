/** Records as a writer hands them over: cleaned, held to the store's bounds, each id once. Pure. */
import { isUtf8 } from 'node:buffer';
import { problem } from '@bowline/api/problem';
import { canonical } from '../base/canonical.ts';
import type { Cipher, Line } from './cipher.ts';
import type { Row } from './rows.ts';

export type Incoming = {
  readonly ids: readonly string[];
  /** For each id its record as canonical JSON (`canonical`) with that id, a string, in `id`. */
  readonly lines: readonly (string | Buffer)[];
};

/** Longest id the store takes, as in the specification. */
const ID_LENGTH_MAX = 255;
const [OPEN, CLOSE] = [...Buffer.from('{}')];
/** Bytes are found in half the time that text takes. */
const [NUL, METADATA] = ['\\u0000', '"_nango_metadata"'].map((text) => Buffer.from(text)) as [Buffer, Buffer];

/** `duplicates`: ids that came again; the first record of each is kept. @throws Problem `invalid_sync_record` */
export function linesOf({ ids, lines }: Incoming): { lines: Line[]; duplicates: string[] } {
  const found = new Map<string, Line>();
  const duplicates: string[] = [];
  for (const [index, given] of ids.entries()) {
    const id = given.replaceAll('\0', '');
    const line = clean(lines[index] ?? '');
    if (id === '' || id.length > ID_LENGTH_MAX)
      throw invalid(`The id of a record must have 1 to ${ID_LENGTH_MAX} characters, one has ${id.length}`);
    if (line.length <= '{}'.length || line[0] !== OPEN || line.at(-1) !== CLOSE)
      throw invalid(`Record "${id}" is not an object with an id`);
    if (found.has(id)) duplicates.push(id);
    else found.set(id, { id, line });
  }
  return { lines: [...found.values()], duplicates };
}

export function rowsOf(lines: readonly Line[], cipher: Cipher): Row[] {
  return lines.map(({ id, line }) => ({ id, line, hash: cipher.hash(line) }));
}

/** Postgres does not see what is sealed, so nobody else would refuse it. Asked of what is to be written alone. @throws Problem `invalid_sync_record` */
export function checkJson(lines: readonly Line[]): void {
  for (const { line } of lines) {
    if (!isUtf8(line)) throw invalid('A record is not valid JSON: it has bytes that are no UTF-8');
    parse(line.toString('latin1')); // outside of strings JSON is ASCII, so this tells the same in half the time
  }
}

function parse(text: string): object {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('A record is not valid JSON');
  }
}

/** NUL characters, which consumers' databases refuse, and metadata read back from us are dropped. Both are rare: records are not parsed to look for them. */
function clean(given: string | Buffer): Buffer {
  const line = typeof given === 'string' ? Buffer.from(given) : given;
  if (!line.includes(NUL) && !line.includes(METADATA)) return line;
  const { _nango_metadata: _, ...record } = Object(parse(line.toString()));
  return Buffer.from(canonical(record));
}

function invalid(message: string) {
  return problem('invalid_sync_record', { message: `${message}. Nothing of this chunk was saved.` });
}
