/**
 * Protocol: the messages between the platform (host) and the process that runs one function (sandbox); `frames.ts` carries them, `calls.ts` lists the calls.
 * What the host sends is trusted inside the sandbox and only typed; `sandbox-message.ts` has the schemas of what the host parses, which no sandbox loads:
 * making them cost each a fifth of its start.
 */

/** What to run and as whom. Dates are ISO texts. `input` is an action's, `payload` a webhook handler's. */
export type RunSpec = {
  /** `describe`: nothing is called, the answer is what the code declares (`packages/compile/src/describe.ts`); `input` says of which file. */
  kind: 'sync' | 'action' | 'on-event' | 'webhook' | 'describe';
  name: string;
  connectionId: string;
  providerConfigKey: string;
  provider: string;
  environmentId: number;
  environmentName: string;
  accountId?: number;
  nangoConnectionId: number;
  activityLogId: string;
  syncId?: string;
  syncJobId?: number;
  variant: string;
  lastSyncDate?: string;
  models: string[];
  input?: unknown;
  payload?: unknown;
  isCLI: boolean;
  /** The provider's default pagination block, snake_case as in the catalogue. */
  paginate?: Record<string, unknown>;
  proxyBaseUrl?: string;
  /** A run that was recorded is played again: time begins at `now` (or now), moves only by waiting, and nobody waits for it; with `waits`, as while it is recorded, one does. */
  replay?: { now?: string; waits?: boolean };
  /** Lines below this level never leave the sandbox; default 'debug'. */
  logLevel?: LogLevel;
};

export const logLevels = ['debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What functions may require besides what every sandbox has: handed over with the code that does. */
export type LibraryName = 'soap' | 'unzipper';

/** Host → sandbox. `realm`, the first, carries the text that functions run in, `run` the function's CommonJS text as its body, then each library's in the order of `libraries`, whose bytes it counts; an answer's body is the method's (see `calls.ts`). */
export type HostMessage =
  | { type: 'realm' }
  /** There may be more than one run in a realm: each is to remember what it looks like before the first, or is fresh for the next. */
  | { type: 'prepare' }
  | { type: 'run'; run: RunSpec; libraries?: Partial<Record<LibraryName, number>> }
  | { type: 'answer'; id: number; ok: true; value: unknown }
  | { type: 'answer'; id: number; ok: false; error: CallFailure }
  | { type: 'abort'; reason: string }
  /** The run is over: make sure that nothing of it is left, by a fresh realm if need be or if it `mustBeFresh`, and say `ready` with this nonce, which no authored code has seen. */
  | { type: 'reset'; nonce: string; mustBeFresh: boolean };

/** `response` is present when some HTTP server answered; its body bytes are the frame's body. */
export type CallFailure = {
  name: string;
  message: string;
  code?: string;
  payload?: unknown;
  response?: { status: number; statusText?: string; headers: Record<string, string | string[]> };
};

/** The types a failed run can have. `function_*`, `execution_timeout`, `invalid_sync_metadata` and protocol trouble are the host's to say; the rest the sandbox's. */
export const runErrorTypes = [
  'action_script_runtime_error',
  'script_aborted',
  'execution_interrupted',
  'execution_timeout',
  'unknown_provider_template_in_config',
  'invalid_sync_record',
  'invalid_action_input',
  'invalid_action_output',
  'invalid_sync_metadata',
  'script_output_too_large',
  'script_http_error',
  'script_api_rate_limit_error',
  'script_network_error',
  'script_internal_error',
  'function_runtime_out_of_memory',
  'function_runtime_other',
] as const;
export type RunErrorType = (typeof runErrorTypes)[number];

/** Thrown by a host while answering a call: this failure, and nothing else about the host, reaches the authored code. */
export class CallError extends Error {
  readonly failure: CallFailure;
  readonly body: Uint8Array | undefined;

  constructor(failure: CallFailure, body?: Uint8Array) {
    super(failure.message);
    this.name = failure.name;
    this.failure = failure;
    this.body = body;
  }
}
