/**
 * The patterns of fields. They come from catalogue files and from users, and read what anybody types, so they run in RE2, whose time is
 * linear whatever the pattern (decisions/028). Both libraries are loaded when first needed: a start needs neither.
 */
import { createRequire } from 'node:module';
import type * as Re2 from 're2js';
import type * as Scslre from 'scslre';

const load = createRequire(import.meta.url);

/** Whether the whole value is of the pattern's form, `^…$` around it or not. What RE2 does not take matches nothing. */
export function matches(pattern: string, value: string): boolean {
  const found = compile(pattern);
  return 'matcher' in found && found.matcher(value);
}

/** What the one group of a pattern matches, where the whole value is of its form. */
export function partOf(pattern: string, value: string): string | undefined {
  const found = compile(pattern);
  return 'part' in found ? found.part(value) : undefined;
}

/** Why RE2 does not take a pattern: no back references, no lookaround, at most 1,000 repetitions. Undefined when it does. */
export function refusePattern(pattern: string): string | undefined {
  const found = compile(pattern);
  return 'refusal' in found ? found.refusal : undefined;
}

/** Why engines that backtrack, as those of browsers do, take more than linear time for it. Undefined when no way to that is found. */
export function slowness(pattern: string, anchored: boolean): string | undefined {
  const { analyse }: typeof Scslre = load('scslre');
  const [report] = analyse({ source: pattern, flags: '' }, { reportTypes: { Move: !anchored }, maxReports: 1 }).reports;
  return report && `takes ${report.exponential ? 'exponential' : 'polynomial'} time for texts like ${report.character.pick.repeat(3)}…`;
}

type Compiled =
  | { readonly matcher: (value: string) => boolean; readonly part: (value: string) => string | undefined }
  | { readonly refusal: string };
const compiled = new Map<string, Compiled>();
/** Enough for every provider that is in use at one time. */
const compiledMax = 500;

function compile(pattern: string): Compiled {
  const known = compiled.get(pattern);
  if (known) return known;
  if (compiled.size >= compiledMax) compiled.clear();
  const fresh = compileFresh(pattern);
  compiled.set(pattern, fresh);
  return fresh;
}

function compileFresh(pattern: string): Compiled {
  const { RE2JS }: typeof Re2 = load('re2js');
  try {
    const regex = RE2JS.compile(`^(?:${pattern})$`);
    const part = (value: string) => {
      const found = regex.matcher(value);
      return found.matches() ? (found.group(1) ?? undefined) : undefined;
    };
    return { matcher: (value) => regex.matches(value), part };
  } catch (error) {
    return { refusal: error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error) };
  }
}
