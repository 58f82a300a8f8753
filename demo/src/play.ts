/** Plays the steps in order, until one does not hold. */
import { ApiError } from '@bowline/api/client';
import { IN_ACTIVITY, Unexpected } from './expect.ts';
import { apiClient, type Found, type Stage, type Step } from './stage.ts';
import { act } from './steps/act.ts';
import { connect } from './steps/connect.ts';
import { setup } from './steps/setup.ts';
import { sync } from './steps/sync.ts';

export type Failure = { readonly expected: string; readonly came: string; readonly look: string; readonly message: string };
export type StepResult = {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly result: string;
  readonly failure?: Failure;
};

export const steps: readonly Step[] = [...setup, ...connect, ...sync, ...act];

/**
 * @param report called after each step
 * @param signal no further step once it is aborted
 * @returns one result a step, the last one failed if any did, and what was found out on the way; throws nothing
 */
export async function play(
  { running, beside, command }: Pick<Stage, 'running' | 'beside' | 'command'>,
  report: (result: StepResult) => void = () => {},
  signal?: AbortSignal,
): Promise<{ results: StepResult[]; found: Found }> {
  const stage: Stage = { running, beside, command, api: apiClient(running), found: {} };
  const results: StepResult[] = [];
  for (const step of steps) {
    if (signal?.aborted) break;
    const result = await perform(step, stage);
    results.push(result);
    report(result);
    if (!result.ok) break;
  }
  return { results, found: stage.found };
}

async function perform({ name, run }: Step, stage: Stage): Promise<StepResult> {
  const started = performance.now();
  const since = () => Math.round(performance.now() - started);
  try {
    const result = await run(stage);
    return { name, ok: true, ms: since(), result };
  } catch (error) {
    return { name, ok: false, ms: since(), result: '', failure: failureOf(error) };
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof Unexpected) return { message: error.message, expected: error.expected, came: error.came, look: error.look };
  const came = error instanceof ApiError ? `${error.status} ${error.code}: ${error.message}` : String(error);
  return { message: 'The step ended with an error', expected: 'no error', came, look: IN_ACTIVITY };
}
