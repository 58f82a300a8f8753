/** The text of master keys, as a setting or a file has it: one key, or `version:key` in a comma list where the first one seals. */

/** @throws RangeError, which does not quote them */
export function parseEncryptionKeys(text: string): { current: number; keys: ReadonlyMap<number, Buffer> } {
  const parts = text.split(',').map((part) => part.trim().match(/^(?:(\d{1,4}):)?([A-Za-z0-9+/_-]{43}=?)$/));
  const entries = parts.map((match): [number, Buffer] => {
    const key = Buffer.from(match?.[2] ?? '', 'base64');
    return key.length === 32 && (match?.[1] || parts.length === 1) ? [Number(match?.[1] ?? 1), key] : refuse();
  });
  const keys = new Map(entries);
  return keys.size === entries.length ? { current: entries[0]?.[0] ?? refuse(), keys } : refuse();
}

function refuse(): never {
  throw new RangeError('not allowed');
}
