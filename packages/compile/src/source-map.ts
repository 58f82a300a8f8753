/** From a place in a bundle back to the author's file, by the source map the bundle carries in itself. */
import { SourceMap } from 'node:module';
import { z } from 'zod';

export type Origin = { file: string; line: number; column: number };
export type Origins = {
  /** Line and column count from 1. Undefined where nothing is known. */
  readonly at: (line: number, column: number) => Origin | undefined;
  /** The author's text, as it was bundled. */
  readonly linesOf: (file: string) => readonly string[];
};

/** In: the bundle's text. The map is unpacked when something is asked of it: most bundles have nothing to tell of. */
export const createOrigins = (js: string): Origins => {
  let known: Unpacked | undefined;
  const unpacked = (): Unpacked => {
    known ??= unpack(js);
    return known;
  };
  return {
    at: (line, column) => {
      const found = unpacked().map?.findEntry(line - 1, column - 1);
      if (!found || !('originalSource' in found) || typeof found.originalSource !== 'string') return undefined;
      return { file: named(found.originalSource), line: found.originalLine + 1, column: found.originalColumn + 1 };
    },
    linesOf: (file) => unpacked().texts.get(file)?.split('\n') ?? [],
  };
};

type Unpacked = { readonly map?: SourceMap; readonly texts: ReadonlyMap<string, string> };

const Embedded = z.looseObject({ sources: z.array(z.string()), sourcesContent: z.array(z.string().nullable()).optional() });

const unpack = (js: string): Unpacked => {
  const start = js.lastIndexOf(marker);
  const encoded = start === -1 ? undefined : /^[\w+/=]+\s*$/.exec(js.slice(start + marker.length))?.[0];
  if (encoded === undefined) return { texts: new Map() };
  const payload = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  const { sources, sourcesContent = [] } = Embedded.parse(payload);
  return { map: new SourceMap(payload), texts: new Map(sources.map((source, at) => [named(source), sourcesContent[at] ?? ''])) };
};

const marker = '//# sourceMappingURL=data:application/json;base64,';

/** Sources are relative to `build/`. */
const named = (source: string): string => source.replace(/^\.\.\//, '');
