/** Looks into a small JSON answer without taking it from the caller: some providers tell only there when to try again. */
import { Readable } from 'node:stream';
import type { OutboundResponse } from '../base/outbound.ts';

/** An error fits many times over; anything longer passes unread. */
const PEEKED_BYTES_MAX = 64 * 1024;

/** @returns the answer to hand on, and what it says; undefined when that is long, encoded or no JSON */
export async function peekJson(response: OutboundResponse): Promise<{ response: OutboundResponse; json: unknown }> {
  const type = String(response.headers['content-type'] ?? '');
  const length = Number(response.headers['content-length'] ?? 0);
  const isPlain = response.headers['content-encoding'] === undefined || response.headers['content-encoding'] === 'identity';
  if (!/[/+]json\b/i.test(type) || !isPlain || length > PEEKED_BYTES_MAX) return { response, json: undefined };
  const rest: AsyncIterator<unknown> = response.body.iterator({ destroyOnReturn: false });
  const chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  while (!ended && size <= PEEKED_BYTES_MAX) {
    const { done = false, value } = await rest.next();
    ended = done;
    if (Buffer.isBuffer(value)) size += chunks[chunks.push(value) - 1]?.length ?? 0;
  }
  const body = Readable.from(again(chunks, ended ? undefined : rest), { objectMode: false });
  // Destroying a body nobody listens to must not end the process; whoever reads it still sees the error.
  body.on('error', () => undefined);
  return { response: { ...response, body }, json: ended ? parse(Buffer.concat(chunks)) : undefined };
}

async function* again(chunks: readonly Buffer[], rest: AsyncIterator<unknown> | undefined) {
  yield* chunks;
  for (let next = await rest?.next(); next && !next.done; next = await rest?.next()) yield next.value;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
