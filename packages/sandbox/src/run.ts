/**
 * One run in one process: hand it the function, answer its calls, enforce time and cancellation, and settle with exactly one outcome.
 * At most 64 calls are answered at once; past that the pipe is not read, so a function that floods stands still instead of filling memory.
 */
import { CallError, type CallFailure, type RunSpec } from '@bowline/api/protocol';
import type { RunError, SandboxMessage } from '@bowline/api/sandbox-message';
import type { Logger } from 'pino';
import { bounded, ended, isDeep, type SandboxOutcome } from './ending.ts';
import { type Limits, watchLimits } from './limits.ts';
import type { Parcel } from './parcel.ts';
import type { SandboxProcess } from './process.ts';

export type SandboxCall = { method: string; params: unknown; body: Buffer };
export type SandboxAnswer = { value?: unknown; body?: Uint8Array };
export type SandboxLine = Omit<Extract<SandboxMessage, { type: 'log' }>, 'type'>;

export type SandboxJob = Limits & {
  /** Isolation: a process serves one owner, and one text of code, only: environment + function. */
  owner: string;
  /** Those of an owner that wait take turns by it: the connection. */
  key?: string;
  run: RunSpec;
  /** The function as CommonJS text. */
  code: string;
  signal: AbortSignal;
  /** Answers one call. Throw a CallError to let the author see a failure; any other error is logged here and shown without its details. */
  onCall(call: SandboxCall): Promise<SandboxAnswer>;
  onLog(line: SandboxLine): void;
};

const callsInFlightMax = 64;
/** More lines than these nobody keeps; further ones are taken at the pace of 10,000 a second, for parsing them is this process's work. */
const linesAtOnce = 10_000;
const linesEach = 1000;
const linesEveryMs = 100;

/** Resolves with the outcome; never rejects. The process is reusable afterwards only if it is still alive. */
export function runInProcess(
  process: SandboxProcess,
  job: SandboxJob,
  { log, graceMs, parcel }: { log: Logger; graceMs: number; parcel: Parcel },
): Promise<SandboxOutcome> {
  return new Promise((resolve) => {
    let inFlight = 0;
    let free: (() => void) | undefined;
    const slowed = slowing(process);
    let grace: NodeJS.Timeout | undefined;
    const unwatch = watchLimits(process, job);
    const abort = () => {
      void process.send({ type: 'abort', reason: 'The run was cancelled.' });
      grace = setTimeout(() => process.kill({ type: 'script_aborted', message: 'The run was cancelled.' }), graceMs);
    };
    let over = false;
    const settle = (outcome: SandboxOutcome) => {
      over = true;
      unwatch();
      clearTimeout(grace);
      job.signal.removeEventListener('abort', abort);
      process.listen(undefined);
      free?.();
      resolve(outcome);
    };
    const answer = async (id: number, call: SandboxCall) => {
      inFlight += 1;
      if (inFlight === callsInFlightMax) free ??= process.hold();
      await respond(process, id, call, job, { log, over: () => over });
      inFlight -= 1;
      if (inFlight >= callsInFlightMax) return;
      free?.();
      free = undefined;
    };
    process.listen({
      ended: (error) => settle({ ok: false, error }),
      message: (message, body) => {
        const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
        if (message.type === 'call') void answer(message.id, { method: message.method, params: message.params, body: bytes });
        else if (message.type === 'log') slowed(() => tell(job, message, log));
        else if (message.type === 'done') settle(outcomeOf(message, bytes, job));
      },
    });
    const { body, libraries } = parcel;
    process
      .send({ type: 'run', run: job.run, ...(libraries ? { libraries } : {}) }, body)
      .catch(() => settle({ ok: false, error: unsendable }));
    if (job.signal.aborted) abort();
    else job.signal.addEventListener('abort', abort, { once: true });
  });
}

function outcomeOf(message: Extract<SandboxMessage, { type: 'done' }>, output: Buffer, { run }: SandboxJob): SandboxOutcome {
  if (!message.ok) return { ok: false, error: bounded(message.error) };
  // What other kinds answer is read by nobody, or by who knows that it may be anything.
  return run.kind === 'action' ? ended(output) : { ok: true, output };
}

function slowing(process: SandboxProcess): (take: () => void) => void {
  let lines = 0;
  return (take) => {
    lines += 1;
    if (lines > linesAtOnce && lines % linesEach === 0) setTimeout(process.hold(), linesEveryMs);
    take();
  };
}

type Answering = {
  log: Logger /** The next run counts its calls from the start: a late answer would be taken for one of its own. */;
  over: () => boolean;
};

async function respond(process: SandboxProcess, id: number, call: SandboxCall, job: SandboxJob, { log, over }: Answering): Promise<void> {
  try {
    if (isDeep(call.params)) throw new CallError(tooDeep);
    const { value = null, body } = await job.onCall(call);
    if (over()) return;
    await process.send({ type: 'answer', id, ok: true, value }, body);
  } catch (error) {
    const known = error instanceof CallError;
    if (!known) log.error({ err: error, method: call.method }, 'answering a function failed');
    if (over()) return;
    const plain = { type: 'answer', id, ok: false, error: unexplained(call.method) } as const;
    if (known) await process.send({ ...plain, error: error.failure }, error.body).catch(() => process.send(plain));
    else await process.send(plain);
  }
}

/** JSON.stringify runs out of stack at some thousand levels, well before JSON.parse does; only the input of a run can be that deep. */
const unsendable: RunError = {
  type: 'invalid_action_input',
  message: 'The input is nested too deeply, or is too large, to be handed to the function. Send it flatter or in parts.',
};

const tooDeep: CallFailure = {
  name: 'Error',
  code: 'invalid_arguments',
  message: 'What was handed to this call is nested too deeply. Send it flatter.',
};

/** What went wrong inside the platform is for its log, not for authored code. */
function unexplained(method: string): CallFailure {
  return {
    name: 'Error',
    code: 'function_runtime_other',
    message: `The platform failed to answer ${method.slice(0, 64)}. Its server log says why.`,
  };
}

function tell(job: SandboxJob, { level, message, meta }: SandboxLine, log: Logger): void {
  try {
    job.onLog({ level, message, ...(meta === undefined ? {} : { meta }) });
  } catch (error) {
    log.error({ err: error }, 'keeping a line of a function failed');
  }
}
