/** `bowline test`: plays every recording of the project again, offline, and shows what differs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileOnly } from '../compile/compile.ts';
import { exitCodes, Failure } from '../failure.ts';
import { type Case, findCases } from '../fixture/find.ts';
import { play } from '../fixture/play.ts';
import { compare, type Difference, type Played } from '../fixture/verdict.ts';
import { lanes, openSandboxes } from '../local/sandboxes.ts';
import { findProject } from '../project/find.ts';
import { counted, type Terminal } from '../terminal.ts';

export type TestOptions = { integration?: string; update?: boolean };
type Result = { test: Case; played: Played; differences: Difference[] };

export const testCommand = async (root: string, names: readonly string[], options: TestOptions, terminal: Terminal): Promise<void> => {
  const { compiled } = await compileOnly(findProject(root), terminal, { types: false });
  const { cases, problems, untested } = findCases(root, compiled);
  const wanted = cases.filter(({ compiled: { definition } }) => isWanted(definition.entry, names, options.integration));
  if (wanted.length === 0 && problems.length === 0) throw new Failure(exitCodes.usage, nothingToDo(names, cases.length));
  const results = await terminal.step(
    'Replays',
    () => playAll(wanted),
    summary,
    (all) => all.every(held),
  );
  const failed = results.filter((result) => !held(result));
  if (options.update) {
    await Promise.all(failed.map((result) => rewrite(root, result)));
    terminal.print(`Rewrote ${counted(failed.filter(({ played }) => !played.error).length, 'recording')}.`);
  } else for (const result of failed) show(result, terminal);
  if (names.length === 0 && untested.length > 0)
    terminal.print(
      terminal.colours.dim(`${counted(untested.length, 'function')} without a recording: ${untested.map(({ file }) => file).join(', ')}`),
    );
  const document = {
    tests: results.map(({ test, differences }) => ({ file: test.file, ok: differences.length === 0, differences })),
    untested: untested.map(({ file }) => file),
  };
  const left = (options.update ? failed.filter(({ played }) => played.error) : failed).length + problems.length;
  if (left > 0) {
    const message = `${counted(left, 'recording')} of ${wanted.length + problems.length} failed.`;
    throw new Failure(exitCodes.test, message, problems, document);
  }
  terminal.result({ ok: true, ...document });
};

const held = ({ differences }: Result): boolean => differences.length === 0;

/** As many at once as there are processors, each lane one after the other. */
async function playAll(cases: readonly Case[]): Promise<Result[]> {
  const sandboxes = openSandboxes();
  const results: Result[] = [];
  const queue = [...cases.entries()];
  try {
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (let next = queue.shift(); next; next = queue.shift()) {
          const [index, test] = next;
          const played = await play(test, sandboxes, lane);
          results[index] = { test, played, differences: compare(test.fixture, played) };
        }
      }),
    );
  } finally {
    await sandboxes.close();
  }
  return results;
}

const summary = (results: readonly Result[]): string => {
  const failed = results.filter((result) => !held(result)).length;
  return failed === 0 ? `${results.length} passed` : `${results.length - failed} passed, ${failed} failed`;
};

function isWanted(
  { integration, name, file }: { integration: string; name: string; file: string },
  names: readonly string[],
  only?: string,
): boolean {
  if (only !== undefined && only !== integration) return false;
  return names.length === 0 || names.some((one) => one === name || one === `${integration}/${name}` || one === file);
}

const nothingToDo = (names: readonly string[], there: number): string =>
  there > 0
    ? `No recording is of ${names.join(', ') || 'this integration'}. Recordings are <integration>/tests/<name>.test.json.`
    : 'There are no recordings. Make one with `bowline dryrun <name> <connection> --save`, or write <integration>/tests/<name>.test.json.';

function show({ test, differences }: Result, { print, colours }: Terminal): void {
  print(`\n${colours.red('✗')} ${colours.bold(test.file)}`);
  for (const { what, diff } of differences) {
    print(`  ${what}`);
    for (const line of diff.split('\n')) print(`    ${paint(line, colours)}`);
  }
}

const paint = (line: string, colours: Terminal['colours']): string =>
  line.startsWith('+') ? colours.green(line) : line.startsWith('-') ? colours.red(line) : line;

/** What the function does now becomes what is expected. A run that fails is not taken for the truth. */
async function rewrite(root: string, { test, played }: Result): Promise<void> {
  if (played.error) return;
  const { fixture } = test;
  const { batchSave, batchDelete, batchUpdate, checkpoint } = played.done;
  const nango = {
    ...fixture.nango,
    ...(fixture.nango?.batchSave ? { batchSave } : {}),
    ...(fixture.nango?.batchDelete ? { batchDelete } : {}),
  };
  const { expect } = fixture.bowline ?? {};
  const expected = {
    ...expect,
    ...(expect?.checkpoint === undefined ? {} : { checkpoint }),
    ...(expect?.batchUpdate ? { batchUpdate } : {}),
  };
  const next = {
    ...fixture,
    ...('output' in fixture ? { output: played.output } : {}),
    ...(fixture.nango ? { nango } : {}),
    ...(expect ? { bowline: { ...fixture.bowline, expect: expected } } : {}),
  };
  await writeFile(join(root, test.file), `${JSON.stringify(next, null, 2)}\n`);
}
