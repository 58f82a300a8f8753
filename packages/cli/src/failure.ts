/** What the command can fail with: an exit code from one table, a message that says what to do next, and places in the author's files. */
import type { Diagnostic } from '@bowline/compile/diagnostic';

/** 10, 11 and 12 are those that scripts in CI test for; 2 is the convention for wrong usage, 130 a shell's for Ctrl-C. */
export const exitCodes = { ok: 0, other: 1, usage: 2, compile: 10, deploy: 11, run: 12, test: 13, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An expected end of the command. Anything else that is thrown is our defect. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  readonly diagnostics: readonly Diagnostic[];
  /** What `--json` prints instead of the message alone. */
  readonly document: object | undefined;

  constructor(exitCode: ExitCode, message: string, diagnostics: readonly Diagnostic[] = [], document?: object) {
    super(message);
    this.exitCode = exitCode;
    this.diagnostics = diagnostics;
    this.document = document;
  }
}

export const describePlace = ({ file, line, column }: Diagnostic): string =>
  [file, line, column].filter((part) => part !== undefined).join(':');
