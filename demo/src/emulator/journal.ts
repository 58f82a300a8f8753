/**
 * What was written to the emulator, one JSON line each. The emulator keeps everything in memory; played again with the same times, the
 * same requests give the same ids and dates, so that a restart finds the upstream the platform knows.
 * A half-written last line (a kill in the middle) is left out.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

const Begin = z.object({ kind: z.literal('begin'), at: z.number() });
const Write = z.object({
  kind: z.literal('write'),
  at: z.number(),
  method: z.string(),
  path: z.string(),
  authorization: z.string(),
  body: z.string(),
});
/** An access token the consent page gave out, and whose it is. */
const Grant = z.object({ kind: z.literal('grant'), token: z.string(), login: z.string() });
const Line = z.discriminatedUnion('kind', [Begin, Write, Grant]);
export type Line = z.infer<typeof Line>;
export type Write = z.infer<typeof Write>;

export type Journal = { readonly beganAt: number; readonly lines: readonly Line[]; append(line: Line): void };

export function openJournal(path: string): Journal {
  const lines = existsSync(path) ? read(path) : [];
  mkdirSync(dirname(path), { recursive: true });
  const append = (line: Line) => appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  const begin = lines.find((line) => line.kind === 'begin');
  const beganAt = begin?.at ?? Date.now();
  if (!begin) append({ kind: 'begin', at: beganAt });
  return { beganAt, lines, append };
}

function read(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      const parsed = Line.safeParse(parse(text));
      return parsed.success ? [parsed.data] : [];
    });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
