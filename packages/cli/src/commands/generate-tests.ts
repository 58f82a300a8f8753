/** `bowline generate:tests`: a Vitest file for each function with recordings, for those who run their tests so. `bowline test` needs none. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileOnly } from '../compile/compile.ts';
import type { Compiled } from '../compile/compiled.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type Case, findCases } from '../fixture/find.ts';
import { configText, firstLine, isForMocks, vitestText } from '../generate/vitest-file.ts';
import { findProject } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';

export type TestsOptions = { integration?: string; sync?: string; action?: string };

export const generateTestsCommand = async (root: string, options: TestsOptions, terminal: Terminal): Promise<void> => {
  const project = findProject(root);
  const { compiled } = await compileOnly(project, terminal, { types: false });
  const wanted = compiled.filter((one) => isWanted(one, options));
  if (wanted.length === 0) throw new Failure(exitCodes.usage, 'No function of the project is like that.');
  const { cases, problems } = findCases(root, wanted);
  if (problems.length > 0)
    throw new Failure(exitCodes.test, `${counted(problems.length, 'recording')} cannot be read; nothing was written.`, problems);
  const files = wanted.flatMap(
    (one) =>
      fileOf(
        cases.filter((test) => test.compiled === one),
        project.yaml !== undefined,
      ) ?? [],
  );
  if (files.length === 0)
    throw new Failure(exitCodes.usage, 'There are no recordings to test with. Make one: bowline dryrun <name> <connection> --save.');
  const done = { written: [] as string[], kept: [] as string[] };
  for (const { file, text } of files) {
    const mine = existsSync(join(root, file)) && !readFileSync(join(root, file), 'utf8').startsWith(firstLine);
    done[mine ? 'kept' : 'written'].push(file);
    if (!mine) await writeFile(join(root, file), text);
  }
  if (!hasConfig(root)) {
    await writeFile(join(root, configFile), configText);
    done.written.push(configFile);
  }
  for (const file of done.written) terminal.print(`  ${terminal.colours.green('+')} ${file}`);
  for (const file of done.kept) terminal.print(terminal.colours.dim(`  ${file} is yours and was left alone`));
  if (!done.written.includes(configFile)) terminal.print(terminal.colours.dim(`Your own Vitest configuration needs the plugin: ${plugin}`));
  terminal.print('\nRun them with Vitest: npm install --save-dev vitest, then npx vitest run');
  terminal.result({ ok: true, ...done });
};

const configFile = 'vitest.config.ts';
const plugin = "import { bowline } from 'bowline/vitest'; … plugins: [bowline()]";
const hasConfig = (root: string): boolean => readdirSync(root).some((name) => /^(?:vitest|vite)\.config\.[cm]?[jt]s$/.test(name));

const isWanted = ({ definition: { kind, entry } }: Compiled, { integration, sync, action }: TestsOptions): boolean => {
  if (integration !== undefined && entry.integration !== integration) return false;
  if (sync === undefined && action === undefined) return kind !== 'onEvent';
  return (kind === 'sync' && entry.name === sync) || (kind === 'action' && entry.name === action);
};

const fileOf = (cases: readonly Case[], isYaml: boolean): { file: string; text: string } | undefined => {
  const [first, ...more] = cases.filter(isForMocks);
  if (!first) return undefined;
  const { integration, name } = first.compiled.definition.entry;
  const left = cases.filter((one) => !isForMocks(one)).map(({ file }) => file);
  return { file: `${integration}/tests/${integration}-${name}.test.ts`, text: vitestText([first, ...more], { isYaml, left }) };
};
