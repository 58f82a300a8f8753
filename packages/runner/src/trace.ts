/**
 * Stack lines as the author knows them: frames inside the function's bundle, mapped to source file and line by the bundle's inline source map.
 * Only read when something failed, so decoding the map costs successful runs nothing.
 */

/** The name the bundle is evaluated under; stack frames carry it. */
export const bundleName = 'function.cjs';
/** `new Function` puts two lines before the text it is given. */
const linesBefore = 2;
const linesMax = 10;
/** Deno writes `(function.cjs, <anonymous>:3:9)` for evaluated text. */
const place = /function\.cjs(?:, <anonymous>)?:(\d+):(\d+)/;

type Segment = { column: number; source: number; line: number; sourceColumn: number };
type SourceMap = { sources: string[]; lines: Segment[][] };

/** At most ten frames of the author's own code, e.g. `fetchUsers (github/syncs/users.ts:41:9)`. */
export function authorLines(stack: string, code: string): string[] {
  const frames = stack.split('\n').filter((line) => place.test(line));
  if (frames.length === 0) return [];
  const map = readMap(code);
  return frames.slice(0, linesMax).map((frame) => located(frame.trim().replace(/^at /, ''), map));
}

function located(frame: string, map: SourceMap | undefined): string {
  const found = place.exec(frame);
  if (found === null) return frame;
  const name = /^(?:async )?(\S+) \(/.exec(frame)?.[1];
  const line = Number(found[1]) - linesBefore;
  const column = Number(found[2]);
  const segment = map?.lines[line - 1]?.findLast((one) => one.column <= column - 1);
  const source = segment === undefined ? undefined : map?.sources[segment.source];
  const where =
    segment === undefined || source === undefined
      ? `${bundleName}:${line}:${column}`
      : `${source}:${segment.line + 1}:${segment.sourceColumn + 1}`;
  return name === undefined || name === 'eval' ? where : `${name} (${where})`;
}

function readMap(code: string): SourceMap | undefined {
  const marker = 'sourceMappingURL=data:application/json;base64,';
  const at = code.lastIndexOf(marker);
  if (at < 0) return undefined;
  try {
    const encoded = code.slice(at + marker.length).split(/\s/, 1)[0] ?? '';
    const json: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))));
    if (typeof json !== 'object' || json === null || !('sources' in json) || !('mappings' in json)) return undefined;
    if (!Array.isArray(json.sources) || typeof json.mappings !== 'string') return undefined;
    return { sources: json.sources.map(String), lines: decodeMappings(json.mappings) };
  } catch {
    return undefined;
  }
}

function decodeMappings(mappings: string): Segment[][] {
  let source = 0;
  let line = 0;
  let sourceColumn = 0;
  return mappings.split(';').map((text) => {
    let column = 0;
    const segments: Segment[] = [];
    for (const part of text.split(',')) {
      const [columnStep, sourceStep, lineStep, sourceColumnStep] = decodeNumbers(part);
      column += columnStep ?? 0;
      if (sourceStep === undefined) continue;
      source += sourceStep;
      line += lineStep ?? 0;
      sourceColumn += sourceColumnStep ?? 0;
      segments.push({ column, source, line, sourceColumn });
    }
    return segments;
  });
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 VLQ, as source maps write numbers: five bits a digit, the sixth says more follows, the lowest bit of the whole is the sign. */
function decodeNumbers(text: string): number[] {
  const out: number[] = [];
  let value = 0;
  let shift = 0;
  for (const char of text) {
    const digit = digits.indexOf(char);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    out.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return out;
}
