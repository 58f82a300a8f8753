/** Why a job of the functions platform failed, in the codes that its caller knows. What nobody expected is in the server's log only. */
import { Problem } from '@bowline/api/problem';
import type { JobFailure } from './job.ts';

const codes: Record<string, string> = {
  compilation_error: 'compilation_error',
  invalid_request: 'invalid_request',
  invalid_body: 'validation_error',
  execution_environment_unavailable: 'execution_environment_unavailable',
  unknown_provider_config: 'integration_not_found',
  unknown_connection: 'connection_not_found',
};

/** @param other the code of expected failures without one of their own */
export function failureOf(error: unknown, other: 'deployment_error' | 'dryrun_error'): JobFailure {
  if (!(error instanceof Problem)) return { code: 'server_error', message: 'Something went wrong on our side; the server log says what' };
  const { payload, errors } = error.details;
  const more = payload ?? (errors ? { errors } : undefined);
  const message = errors ? errors.map((one) => one.message).join('; ') : error.message;
  return { code: codes[error.code] ?? other, message, ...(more === undefined ? {} : { payload: more }) };
}
