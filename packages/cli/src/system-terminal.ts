/** The real terminal: standard streams, questions at it, the desktop's browser. Ctrl-C at a question ends the command with 130, as shells say it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { exitCodes, Failure } from './failure.ts';
import type { ChoiceQuestion, TerminalIo } from './terminal.ts';

export const systemTerminal = (): TerminalIo => {
  const somebody = process.stdin.isTTY && process.stdout.isTTY;
  return {
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    env: process.env,
    cwd: process.cwd(),
    isTty: process.stdout.isTTY === true,
    ask: somebody ? askOnTty : undefined,
    choose: somebody ? chooseOnTty : undefined,
    ...(process.stdout.isTTY && { browse }),
    ...(somebody && { keys: keysOfTty }),
    stopping: onSignal,
  };
};

const keysOfTty = (listener: (key: string) => void): (() => void) => {
  const { stdin } = process;
  const tell = (data: Buffer): void => listener(data.toString('utf8'));
  stdin.setRawMode(true).resume().on('data', tell);
  return () => {
    stdin.off('data', tell).setRawMode(false).pause();
  };
};

/** A terminal's Ctrl-C may reach us twice, directly and through npm, within milliseconds. */
const onSignal = (listener: () => void): void => {
  let at: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (at !== undefined && performance.now() - at > 300) process.exit(1);
      if (at === undefined) listener();
      at ??= performance.now();
    });
};

const cancelled = (): Failure => new Failure(exitCodes.interrupted, 'Cancelled.');

const askOnTty = async (question: string): Promise<string> => {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  // Without an answer `question` would stay pending, and the process end with 0.
  const gone = new Promise<never>((_, reject) => {
    reader.once('SIGINT', () => reject(cancelled()));
    reader.once('close', () => reject(cancelled()));
  });
  try {
    return await Promise.race([reader.question(question), gone]);
  } catch (error) {
    process.stdout.write('\n');
    throw error;
  } finally {
    gone.catch(() => {});
    reader.close();
  }
};

/** Loaded where somebody is asked: it would cost every start 20 ms (decisions/038). */
const chooseOnTty = async ({ question, choices, required }: ChoiceQuestion): Promise<readonly string[]> => {
  const { autocompleteMultiselect, isCancel } = await import('@clack/prompts');
  const chosen = await autocompleteMultiselect({
    message: question,
    options: [...choices],
    placeholder: 'type a few letters',
    maxItems: 12,
    required,
  });
  if (isCancel(chosen)) throw cancelled();
  return chosen;
};

/** The address is on the screen already, so a machine without a browser is no error. */
const browse = (url: string): void => {
  const [command, ...words] = browsers[process.platform] ?? ['xdg-open'];
  spawn(command, [...words, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
};
const browsers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};
