/** Reads what providers answer, of which nothing is certain: one value by its path, as the text or number it should be. Pure. */

/** `a.b`, `list[0].id`; a key that contains the dots wins. Undefined where there is nothing. */
export function dig(from: unknown, path: string): unknown {
  if (path === '') return from;
  if (typeof from !== 'object' || from === null) return undefined;
  if (Object.hasOwn(from, path)) return Object.entries(from).find(([key]) => key === path)?.[1];
  const [whole = '', index, key] = /^(?:\[(\d+)\]|([^.[]+))\.?/.exec(path) ?? [];
  if (whole === '') return undefined;
  const name = index ?? key ?? '';
  if (!Object.hasOwn(from, name)) return undefined;
  return dig(Object.entries(from).find(([own]) => own === name)?.[1], path.slice(whole.length));
}

/** A text that is not empty; numbers are written out, for ids come as either. */
export function digText(from: unknown, path: string): string | undefined {
  const value = dig(from, path);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function digList(from: unknown, path = ''): readonly unknown[] {
  const value = dig(from, path);
  return Array.isArray(value) ? value : [];
}
