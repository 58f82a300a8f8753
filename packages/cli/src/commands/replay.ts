/** `bowline replay`: executes the code of a captured run again, on this machine and without any token, and shows what comes out differently. */
import type { SandboxLine } from '@bowline/sandbox/pool';
import { compileOnly } from '../compile/compile.ts';
import type { TargetOptions } from '../deploy/target.ts';
import { chooseEntries, chooseKind } from '../dryrun/choose.ts';
import { modelsOf } from '../dryrun/execute.ts';
import { exitCodes, Failure } from '../failure.ts';
import { openSandboxes } from '../local/sandboxes.ts';
import { findProject } from '../project/find.ts';
import { openRemote } from '../remote/server.ts';
import { compareRuns, type Diff, isSame, type Left } from '../replay/diff.ts';
import { checkpointOf, type TapeHost, tapeHost, toleranceOf } from '../replay/host.ts';
import { outcomeOf } from '../replay/outcome.ts';
import { type Requests, showDiff, showRequests } from '../replay/show.ts';
import { type Line, readCode, readTape, type Tape } from '../replay/tape.ts';
import { counted, type Terminal } from '../terminal.ts';

export type ReplayOptions = TargetOptions & { local?: boolean };
/** `models`: those the code declares, where it is not the code that ran. */
type Code = { js: string; models?: string[] };

/** Nothing is waited for in a replay, so what is not over by now never will be. */
const timeoutMs = 60_000;

export const replayCommand = async (root: string, run: string, options: ReplayOptions, terminal: Terminal): Promise<void> => {
  const remote = openRemote(root, options, terminal);
  const tape = await readTape(remote, run);
  const { capture } = tape;
  const code = options.local ? await localCode(root, tape, terminal) : { js: await readCode(remote, tape) };
  const whose = options.local ? 'the code of this folder' : `version ${capture.version}`;
  terminal.print(
    `\nReplay of the ${capture.kind} ${capture.integration}/${capture.function}, run ${capture.run_id} of ${capture.began_at}, with ${whose}`,
  );
  for (const warning of warningsOf(tape)) terminal.print(terminal.colours.yellow(warning));
  const { left, host } = await play(tape, code);
  const diff = compareRuns(beforeOf(tape), left, toleranceOf(tape));
  const requests = { ...host.matcher.counts, missing: host.misses, left: host.matcher.left() };
  const document = documentOf(tape, options.local === true, { diff, requests, left });
  terminal.print();
  showRequests(requests, terminal);
  showDiff(diff, terminal);
  if (document.same) {
    terminal.print(terminal.colours.green('The same came out.'));
    return terminal.result({ ok: true, ...document });
  }
  throw new Failure(exitCodes.test, summaryOf(diff, requests), [], document);
};

/** What the capture lacks, and so this replay. */
function warningsOf({ capture, end }: Tape): string[] {
  if (!end)
    return ['Nobody saw the run end: it goes on, or its process was killed. What it did after the last captured second is not here.'];
  if (capture.state === 'cut')
    return [
      `The capture is cut: bodies${end.leftOut > 0 ? ` and ${counted(end.leftOut, 'call or line')}` : ''} were too large to be kept.`,
    ];
  return [];
}

async function localCode(root: string, { capture }: Tape, terminal: Terminal): Promise<Code> {
  const project = findProject(root);
  const wanted = { name: capture.function, integration: capture.integration };
  const entries = await chooseEntries(project, wanted, terminal, async () => [capture.integration]);
  const { compiled: found } = await compileOnly({ ...project, entries, warnings: [] }, terminal, { types: false, remember: false });
  const { compiled } = await chooseKind(found, capture.kind, terminal);
  return { js: compiled.js, models: modelsOf(compiled) };
}

async function play(tape: Tape, { js, models }: Code): Promise<{ left: Left; host: TapeHost }> {
  const played = models ? { ...tape, run: { ...tape.run, models } } : tape;
  const host = tapeHost(played);
  const lines: Line[] = [];
  const sandboxes = openSandboxes(1);
  try {
    const outcome = await sandboxes.run({
      owner: 'replay',
      run: { ...played.run, replay: { now: tape.start.now } },
      code: js,
      timeoutMs,
      signal: new AbortController().signal,
      onCall: host.answer,
      onLog: ({ level, message }: SandboxLine) => void lines.push({ level, message }),
    });
    const output: unknown = outcome.ok ? JSON.parse(outcome.output.toString('utf8')) : null;
    return { host, left: { outcome: host.outcome, output, error: outcome.ok ? undefined : outcome.error, lines } };
  } finally {
    await sandboxes.close();
  }
}

/** Of a run that nobody saw end its output is unknown, and so no difference. */
function beforeOf(tape: Tape): Left {
  const outcome = outcomeOf(tape.calls, checkpointOf(tape));
  return { outcome, output: tape.end?.output ?? null, error: tape.end?.error, lines: tape.lines };
}

function documentOf({ capture, end }: Tape, local: boolean, { diff, requests, left }: { diff: Diff; requests: Requests; left: Left }) {
  return {
    capture,
    code: local ? 'local' : 'deployed',
    complete: end !== undefined && capture.state === 'whole',
    same: isSame(diff) && requests.missing.length + requests.left.length === 0,
    ...diff,
    ...(left.error ? { run_error: left.error } : {}),
    requests,
  };
}

function summaryOf({ models, checkpoint, output, error, logs }: Diff, { missing, left }: Requests): string {
  const records = Object.values(models).reduce((sum, one) => sum + one.added.length + one.updated.length + one.deleted.length, 0);
  const parts = [
    records > 0 && counted(records, 'record'),
    checkpoint.length > 0 && 'the checkpoint',
    output.length > 0 && 'the output',
    error && 'how it ended',
    logs !== '' && 'the log',
    missing.length > 0 && `${counted(missing.length, 'request')} without a captured counterpart`,
    left.length > 0 && `${counted(left.length, 'request')} not made`,
  ].filter((part) => typeof part === 'string');
  return `Different from the captured run: ${parts.join(', ')}.`;
}
