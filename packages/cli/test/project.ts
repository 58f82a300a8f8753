/** Projects and runs for the tests of the command: real folders, the real program, output kept. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from 'bowline/program';
import type { ChoiceQuestion } from 'bowline/terminal';
import { onTestFinished } from 'vitest';

export const exampleFolder = fileURLToPath(new URL('../../../examples/integrations', import.meta.url));

export const makeProject = (files: Record<string, string>): string => {
  const root = mkdtempSync(join(tmpdir(), 'bowline-project-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

/** `picks`: what a person marks in each list that can be searched, by value. */
type Outside = { env?: Record<string, string>; isTty?: boolean; answers?: string[]; picks?: string[][] };

export const runCli = async (cwd: string, words: string[], { env = {}, isTty = false, answers, picks }: Outside = {}) => {
  let output = '';
  let errors = '';
  const questions: string[] = [];
  const left = [...(answers ?? [])];
  const ask = async (question: string): Promise<string> => {
    questions.push(question);
    return left.shift() ?? '';
  };
  const choose = async ({ question, choices }: ChoiceQuestion): Promise<string[]> => {
    questions.push(`${question} ${choices.map(({ value }) => value).join(' ')}`);
    return picks?.shift() ?? [];
  };
  const write = (text: string): void => {
    output += text;
  };
  const writeError = (text: string): void => {
    errors += text;
  };
  const exitCode = await run(words, {
    write,
    writeError,
    env,
    cwd,
    isTty,
    ask: answers ? ask : undefined,
    choose: picks ? choose : undefined,
  });
  return { exitCode, output, errors, questions };
};

const body = {
  sync: "createSync({ description: 'd', frequency: 'every hour', models: { Item: z.object({ id: z.string() }) }, exec: async () => {} })",
};

/** A sync that compiles, with parts replaced. */
export const syncFile = (replace: Record<string, string> = {}, from = 'nango'): string =>
  Object.entries(replace).reduce(
    (text, [what, by]) => text.replace(what, () => by),
    `import { createSync } from '${from}';\nimport { z } from 'zod';\n\nconst sync = ${body.sync};\nexport default sync;\n`,
  );
