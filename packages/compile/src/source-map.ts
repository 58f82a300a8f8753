/** From a place in a bundle back to the author's file, by the source map the bundle carries in itself. */
import { SourceMap } from 'node:module';

export type Origin = { file: string; line: number; column: number };

/** In: the bundle's text. Out: a function from line and column in it (both from 1) to the author's file, or undefined where nothing is known. */
export const createOrigins = (js: string): ((line: number, column: number) => Origin | undefined) => {
  const encoded = /\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/.exec(js)?.[1];
  if (encoded === undefined) return () => undefined;
  const map = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));
  return (line, column) => {
    const found = map.findEntry(line - 1, column - 1);
    if (!('originalSource' in found) || typeof found.originalSource !== 'string') return undefined;
    // Sources are relative to `build/`.
    return { file: found.originalSource.replace(/^\.\.\//, ''), line: found.originalLine + 1, column: found.originalColumn + 1 };
  };
};
