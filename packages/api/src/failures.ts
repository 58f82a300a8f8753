/**
 * How a run can fail: whose doing it usually is, whether a sync is tried again before its next turn, and what one does about it. Total over the
 * types, so that a new one does not compile before all of that is known. `docs/failures.md` is held to it by a test.
 */
import type { RunErrorType } from './protocol.ts';
import type { RunError } from './sandbox-message.ts';

export type Cause = 'the provider' | 'the function' | 'the app' | 'the platform' | 'a person';
export type Failure = {
  readonly cause: Cause;
  /** `passing`: when the status of the provider's answer says that it may pass (`isPassing`). */
  readonly retried: 'yes' | 'no' | 'passing';
  /** What to do, as a sentence. */
  readonly advice: string;
};

export const failures: Readonly<Record<RunErrorType, Failure>> = {
  script_http_error: {
    cause: 'the provider',
    retried: 'passing',
    advice: 'Look at the answer in the log of the run; 401 and 403 ask for a new permission, other 4xx for another request.',
  },
  script_api_rate_limit_error: {
    cause: 'the provider',
    retried: 'yes',
    advice: 'Run the sync less often, or ask for more in one request.',
  },
  script_network_error: {
    cause: 'the provider',
    retried: 'yes',
    advice: 'Wait; if it stays, look whether the provider is reached from this server.',
  },
  action_script_runtime_error: {
    cause: 'the function',
    retried: 'no',
    advice: 'It threw an ActionError on purpose: its payload says why.',
  },
  script_internal_error: {
    cause: 'the function',
    retried: 'no',
    advice: 'Mend the function at the line in the log of the run, and deploy it.',
  },
  invalid_sync_record: { cause: 'the function', retried: 'no', advice: 'Make the record fit its model, or the model the record.' },
  invalid_action_output: { cause: 'the function', retried: 'no', advice: 'Return what the output schema declares.' },
  script_output_too_large: { cause: 'the function', retried: 'no', advice: 'Answer less than 2 MB, or save it as records.' },
  execution_timeout: {
    cause: 'the function',
    retried: 'no',
    advice: 'Do less in one run: with saveCheckpoint the next one goes on where this one ended.',
  },
  function_runtime_out_of_memory: { cause: 'the function', retried: 'no', advice: 'Save in smaller pieces instead of collecting.' },
  invalid_action_input: { cause: 'the app', retried: 'no', advice: 'Send the input that the action declares.' },
  invalid_sync_metadata: { cause: 'the app', retried: 'no', advice: 'Set the metadata of the connection that the sync declares.' },
  unknown_provider_template_in_config: {
    cause: 'the app',
    retried: 'no',
    advice: 'The provider of the integration is gone: bring it back, or choose another.',
  },
  script_aborted: {
    cause: 'a person',
    retried: 'no',
    advice: 'It was cancelled: paused, reset or deleted. Start it again when you want it to run.',
  },
  execution_interrupted: { cause: 'the platform', retried: 'yes', advice: 'Nothing: it goes on from its checkpoint at once.' },
  function_runtime_other: {
    cause: 'the platform',
    retried: 'yes',
    advice: 'If it stays, the log of the server says why.',
  },
};

/** Whether the same may go well a moment later. */
export function isPassing({ type, upstream }: Pick<RunError, 'type' | 'upstream'>): boolean {
  const { retried } = failures[type];
  if (retried !== 'passing') return retried === 'yes';
  return upstream !== undefined && (upstream.status >= 500 || [408, 425, 429].includes(upstream.status));
}

/** The rows of the table in `docs/failures.md`. */
export function describeFailures(): string {
  const shown = { yes: 'yes', no: 'no', passing: 'after 408, 425, 429 and 5xx' };
  const rows = Object.entries(failures).map(
    ([type, { cause, retried, advice }]) => `| \`${type}\` | ${cause} | ${shown[retried]} | ${advice} |`,
  );
  return ['| type | whose doing | tried again | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
