/**
 * The place of an option in a file, for messages. By text, not by syntax: a definition is an evaluated object that no longer knows its lines.
 * Where an option is missing, the place is that of the `create*` call.
 */

export type Place = { file: string; line: number; column: number };

export const createLocator = (file: string, source: string) => {
  const find = (pattern: RegExp): Place | undefined => {
    const found = pattern.exec(source);
    if (!found) return undefined;
    const before = source.slice(0, found.index).split('\n');
    return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  const start = { file, line: 1, column: 1 };
  return (option?: string): Place =>
    (option && find(new RegExp(`(?<![\\w.'"])${option}\\s*[:,(]`))) || find(/\bcreate(Sync|Action|OnEvent)\s*\(/) || start;
};
