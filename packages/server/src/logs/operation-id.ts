/** Ids of operations: UUID v7 (RFC 9562 §5.7), whose text sorts by time, so that "newest first" is the order of the primary key. */
import type { World } from '../base/world.ts';

export function newOperationId({ clock, random }: Pick<World, 'clock' | 'random'>): string {
  const bytes = random.bytes(10);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(0) & 0x0f), 0);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(2) & 0x3f), 2);
  return text(clock.now(), bytes);
}

/** Below the id of every operation started at `at` or later. */
export function firstOperationId(at: Date): string {
  return text(at, Buffer.alloc(10));
}

export function isOperationId(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);
}

function text(at: Date, rest: Buffer): string {
  const time = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  const hex = time + rest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
