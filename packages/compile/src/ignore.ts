/** `// bowline-ignore <code>: reason` on the line above silences a warning. The reason is not optional: whoever reads it later wants to know. */
import type { Diagnostic } from './diagnostic.ts';

/** @param lines of the file that the diagnostic is placed in */
export const isIgnored = ({ severity, code, line }: Diagnostic, lines: readonly string[]): boolean => {
  if (severity !== 'warning' || line === undefined) return false;
  // Several may be silenced, each in a line of its own.
  for (let at = line - 2; at >= 0; at--) {
    const comment = /^\s*(?:\/\/|\/\*+|\*)\s*bowline-ignore\s+([\w-]+)\s*:\s*\S/.exec(lines[at] ?? '');
    if (!comment) return false;
    if (comment[1] === code) return true;
  }
  return false;
};
