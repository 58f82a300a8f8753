/**
 * Keeping what authors hand out (error payloads, log meta) within bounds and plain JSON, whatever it was: cycles, BigInts, Errors, megabytes.
 */

/** The reference's limit on a log payload and on an error's payload. */
export const payloadBytesMax = 99_000;
/** And on a message. */
export const messageCharsMax = 10_000;
/** Deeper, whoever stores or shows it may give up. */
const levelsMax = 100;

/** The value as plain JSON data, or a note with its beginning when it is too long. Undefined stays undefined. */
export function truncated(value: unknown): unknown {
  if (value === undefined) return undefined;
  const text = plainText(value);
  if (text.length <= payloadBytesMax && new TextEncoder().encode(text).byteLength <= payloadBytesMax) return JSON.parse(text);
  return { truncated: true, message: `Cut at ${payloadBytesMax} bytes.`, beginning: text.slice(0, payloadBytesMax / 4) };
}

/** JSON text that never fails: what cannot be encoded is named instead. */
export function plainText(value: unknown): string {
  const path: unknown[] = [];
  try {
    return (
      JSON.stringify(value, function (this: unknown, _key, item: unknown) {
        while (path.length > 0 && path.at(-1) !== this) path.pop();
        if (typeof item === 'bigint') return item.toString();
        if (typeof item !== 'object' || item === null) return item;
        if (path.includes(item)) return '[circular]';
        if (path.length >= levelsMax) return '[too deep]';
        path.push(item);
        return item instanceof Error ? { ...item, name: item.name, message: item.message } : item;
      }) ?? 'null'
    );
  } catch {
    return '"[cannot be shown]"';
  }
}
