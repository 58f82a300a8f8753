/**
 * Frames: how the host and a sandbox share one pipe: u32le header length, u32le body length, header JSON (utf8), opaque body.
 * Bodies are never parsed here, so a chunk of records or a binary answer costs one copy. Runs in Node and in Deno alike.
 */

/** A peer that announces more than this is broken or hostile; the largest legitimate frame is a 100 MB answer. */
export const frameBytesMax = 128 * 1024 * 1024;

const prefixBytes = 8;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export type Frame = { readonly header: unknown; readonly headerBytes: number; readonly body: Uint8Array };

/** The prefix and header of a frame; the body goes onto the pipe right after it, uncopied. */
export function encodeHead(header: object, bodyBytes: number): Uint8Array {
  const json = encoder.encode(JSON.stringify(header));
  const total = json.byteLength + bodyBytes;
  if (total > frameBytesMax)
    throw new FrameError(`A message of ${total} bytes is over the limit of ${frameBytesMax} bytes. Send less at a time.`);
  const head = new Uint8Array(prefixBytes + json.byteLength);
  const view = new DataView(head.buffer);
  view.setUint32(0, json.byteLength, true);
  view.setUint32(4, bodyBytes, true);
  head.set(json, prefixBytes);
  return head;
}

/** Bytes that are not frames: the sender is to be killed, not argued with. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Turns chunks of any size into frames. A body is handed over as its own memory, never a view into a reused buffer. */
export class FrameReader {
  private parts: Uint8Array[] = [];
  private held = 0;
  private need = prefixBytes;
  private sizes: { header: number; body: number } | undefined;
  private readonly deliver: (frame: Frame) => void;

  constructor(deliver: (frame: Frame) => void) {
    this.deliver = deliver;
  }

  /** Whether it is done with all that it was handed: the memory of the last chunk may be used again. */
  get isEmpty(): boolean {
    return this.held === 0;
  }

  /** Throws FrameError on an oversized or unreadable frame. */
  push(chunk: Uint8Array): void {
    this.parts.push(chunk);
    this.held += chunk.byteLength;
    while (this.held >= this.need) this.step();
  }

  private step(): void {
    if (this.sizes === undefined) {
      const prefix = this.take(prefixBytes);
      const view = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes);
      const sizes = { header: view.getUint32(0, true), body: view.getUint32(4, true) };
      if (sizes.header === 0 || sizes.header + sizes.body > frameBytesMax) throw new FrameError('A frame announced an impossible size.');
      this.sizes = sizes;
      this.need = sizes.header + sizes.body;
      return;
    }
    const { header, body } = this.sizes;
    const json = this.take(header);
    const payload = this.take(body);
    this.sizes = undefined;
    this.need = prefixBytes;
    this.deliver({ header: parse(json), headerBytes: header, body: payload });
  }

  private take(size: number): Uint8Array {
    const out = new Uint8Array(size);
    let filled = 0;
    let index = 0;
    while (filled < size) {
      const part = this.parts[index];
      if (part === undefined) throw new FrameError('A frame ended early.');
      const wanted = Math.min(size - filled, part.byteLength);
      out.set(wanted === part.byteLength ? part : part.subarray(0, wanted), filled);
      filled += wanted;
      if (wanted === part.byteLength) index += 1;
      else this.parts[index] = part.subarray(wanted);
    }
    this.parts.splice(0, index);
    this.held -= size;
    return out;
  }
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(json));
  } catch {
    throw new FrameError('A frame header is not JSON.');
  }
}
