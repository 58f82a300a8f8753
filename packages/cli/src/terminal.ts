/**
 * Everything the command says, and the one question it asks. Colours only where a person looks at them: on a TTY without NO_COLOR.
 * With `--json` standard output carries one JSON document and nothing else.
 */
import type { Diagnostic } from '@bowline/compile/diagnostic';
import picocolors from 'picocolors';
import { describePlace } from './failure.ts';
import { createProgress } from './progress.ts';

export type Choice = { readonly value: string; readonly label: string; readonly hint?: string };
export type ChoiceQuestion = { readonly question: string; readonly choices: readonly Choice[]; readonly required: boolean };

/** The outside of the command; tests hand in another. */
export type TerminalIo = {
  write: (text: string) => void;
  writeError: (text: string) => void;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  isTty: boolean;
  /** Undefined where nobody can answer. */
  ask: ((question: string) => Promise<string>) | undefined;
  /** Several of a list that can be searched, by value. Left out where nobody can answer. */
  choose?: ((question: ChoiceQuestion) => Promise<readonly string[]>) | undefined;
  /** Asks the desktop to show an address. Left out where nobody looks. */
  browse?: (url: string) => void;
  /** Tells of each key, unechoed, until what it returns is called. Left out where nobody types. */
  keys?: (listener: (key: string) => void) => () => void;
  /** Tells once that the command is to end; who asks twice has it at once. Left out where only the work itself ends it. */
  stopping?: (listener: () => void) => void;
};

/** `1 function`, `2 functions` */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** FORCE_COLOR and NO_COLOR as other tools have them: the first wins. */
const isColoured = ({ isTty, env }: TerminalIo): boolean =>
  env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '' ? env.FORCE_COLOR !== '0' : isTty && !env.NO_COLOR && env.TERM !== 'dumb';

export type Terminal = ReturnType<typeof createTerminal>;

/** `quiet` leaves out what only says how far things are. */
export const createTerminal = (outside: TerminalIo, json: boolean, quiet = false) => {
  const looked = outside.isTty && !json;
  const colours = picocolors.createColors(!json && isColoured(outside));
  const progress = createProgress(looked && !quiet && outside.env.TERM !== 'dumb' && !outside.env.CI ? outside.write : undefined);
  const io: TerminalIo = {
    ...outside,
    write: (text) => progress.above(() => outside.write(text)),
    writeError: (text) => progress.above(() => outside.writeError(text)),
  };
  let lines = false;
  const print = (line = ''): void => {
    if (!json) io.write(`${line}\n`);
  };
  return {
    io,
    json,
    colours,
    print,
    /** Runs one phase and prints its name, what came of it and how long it took. `held` is false where the result tells of problems. */
    step: async <T>(
      name: string,
      work: () => Promise<T>,
      outcome: (result: T) => string = () => '',
      held: (result: T) => boolean = () => true,
    ): Promise<T> => {
      const started = performance.now();
      const took = (): string => colours.dim(`${((performance.now() - started) / 1000).toFixed(1)} s`);
      try {
        const result = await progress.during(name, work);
        if (!quiet || !held(result))
          print(`${held(result) ? colours.green('✓') : colours.red('✗')} ${[name, outcome(result), took()].filter(Boolean).join('  ')}`);
        return result;
      } catch (error) {
        print(`${colours.red('✗')} ${name}  ${took()}`);
        throw error;
      }
    },
    report: (diagnostics: readonly Diagnostic[]): void => {
      if (json) return;
      for (const diagnostic of diagnostics) {
        const paint = diagnostic.severity === 'error' ? colours.red : colours.yellow;
        const place = describePlace(diagnostic);
        const kind = paint([diagnostic.severity, diagnostic.code].filter(Boolean).join(' '));
        io.writeError(`${[place && colours.bold(place), kind].filter(Boolean).join(' - ')}: ${diagnostic.message}\n`);
      }
    },
    fail: (message: string): void => {
      if (!json) io.writeError(`${colours.red(message)}\n`);
    },
    /** Beside the output: with `--json` on standard error. */
    note: (message: string): void => (json ? io.writeError : io.write)(`${message}\n`),
    /** One of many documents, a line each. What ends the command is then a line too. */
    line: (document: unknown): void => {
      lines = true;
      if (json) io.write(`${JSON.stringify(document)}\n`);
    },
    result: (document: unknown): void => {
      if (json) io.write(`${JSON.stringify(document, null, lines ? undefined : 2)}\n`);
    },
  };
};
