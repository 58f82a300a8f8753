/** A captured run as the server has it: how it began, every call and line in order, and how it ended. */
import type { Capture, CapturedBody, CapturedCall, CaptureEntry } from '@bowline/api/captures';
import type { RunSpec } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import { exitCodes, Failure } from '../failure.ts';
import { ask, type Remote } from '../remote/server.ts';

type Start = Extract<CaptureEntry, { entry: 'start' }>;
export type Line = { level: string; message: string };
export type Tape = {
  capture: Capture;
  start: Start;
  /** What the function was called with; the server wrote it as it gave it to its own sandbox. */
  run: RunSpec;
  /** In the order they were made. */
  calls: CapturedCall[];
  lines: Line[];
  /** Undefined when nobody saw the run end. */
  end: { output: unknown; error: RunError | undefined; leftOut: number } | undefined;
  /** How long it took, in milliseconds. */
  ms: number;
};

/** @param run the number of a run or the id of its operation. @throws Failure that says what to do when there is no capture */
export async function readTape(remote: Remote, run: string): Promise<Tape> {
  const { data } = await ask(remote, (api) => api.captures.list({ query: { run, limit: 20 } }));
  // A run that was killed and went on has one of each part: the newest is how it ended.
  const [capture] = data;
  if (!capture) throw new Failure(exitCodes.run, await whyNone(remote, run));
  const entries: CaptureEntry[] = [];
  for (let part: number | null = 0; part !== null; ) {
    const from: number = part;
    const page = await ask(remote, (api) => api.captures.get({ params: { id: capture.id }, query: { part: from } }));
    entries.push(...page.entries);
    part = page.next_part;
  }
  const [start] = entries;
  if (start?.entry !== 'start') throw new Failure(exitCodes.run, `The capture of ${run} has no beginning yet. Try again in a second.`);
  const end = entries.find((entry) => entry.entry === 'end');
  return {
    capture,
    start,
    run: start.run as unknown as RunSpec, // written by the platform from its own
    calls: entries.flatMap((entry) => (entry.entry === 'call' ? [entry] : [])).sort((a, b) => a.n - b.n),
    lines: entries.flatMap((entry) => (entry.entry === 'log' ? [{ level: entry.level, message: entry.message }] : [])),
    end: end?.entry === 'end' ? { output: end.output, error: end.error ?? undefined, leftOut: end.left_out } : undefined,
    ms: Math.max(0, ...entries.map((entry) => ('at' in entry ? entry.at : 0))),
  };
}

async function whyNone(remote: Remote, run: string): Promise<string> {
  const { data } = await ask(remote, (api) => api.captures.settings({ query: {} }));
  const none = `There is no capture of the run ${run}`;
  if (data.rules.every(({ mode }) => mode === 'off'))
    return `${none}: the environment ${remote.target.environment} captures no runs. Turn it on in the dashboard, Settings, "Captured runs"; it counts from the next run on.`;
  return `${none}: it fitted no rule of the environment, expired after ${data.keep_days} days, or made room for newer ones. \`bowline logs\` lists runs; give the number of a run or the id of its operation.`;
}

/** The deployed code that the run executed. */
export async function readCode(remote: Remote, { capture }: Tape): Promise<string> {
  const { js } = await ask(remote, (api) => api.captures.code({ params: { id: capture.id }, query: {} }));
  return js;
}

/** Empty for a body that is not there. */
export const bytesOf = (body: CapturedBody | null | undefined): Buffer =>
  body?.text == null ? Buffer.alloc(0) : Buffer.from(body.text, body.encoding);
