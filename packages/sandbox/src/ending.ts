/**
 * How a run ended, as its sandbox says it. The runner keeps to these bounds by itself; a function that writes its own end onto the pipe need not,
 * and what it says is stored and shown by others.
 */
import type { RunError } from '@bowline/api/sandbox-message';

export type SandboxOutcome = { ok: true; output: Buffer } | { ok: false; error: RunError };

/** The reference's limit on what an action may answer. */
const outputBytesMax = 2 * 1024 * 1024;
/** Encoders, ours and the database's, give up at some thousand. */
const levelsMax = 500;
const messageCharsMax = 10_000;

/** An action's output: JSON of bounded size and depth. */
export function ended(output: Buffer): SandboxOutcome {
  if (output.byteLength > outputBytesMax)
    return failed('script_output_too_large', `The output is larger than ${outputBytesMax} bytes. Answer less, or save it as records.`);
  try {
    const value: unknown = JSON.parse(output.toString('utf8'));
    if (isDeep(value))
      return failed('invalid_action_output', `The output is nested more than ${levelsMax} levels deep. Return it flatter.`);
    return { ok: true, output };
  } catch {
    return failed('invalid_action_output', 'The output is not JSON.');
  }
}

export function bounded(said: RunError): RunError {
  const error = storable(said);
  const { message } = error;
  return message.length > messageCharsMax ? { ...error, message: `${message.slice(0, messageCharsMax).toWellFormed()}… (cut)` } : error;
}

/** Without what no database keeps: NUL, and halves of characters. Their escapes are unmistakable in JSON text, once pairs of backslashes are stepped over. */
function storable(error: RunError): RunError {
  if (isDeep(error))
    return storable({ ...error, payload: tooDeep, ...(error.upstream ? { upstream: { ...error.upstream, body: tooDeep } } : {}) });
  const text = JSON.stringify(error);
  return JSON.parse(text.replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, (found) => (found === '\\\\' ? found : '')));
}

const tooDeep = { message: `Nested more than ${levelsMax} levels deep, and left out.` };

const failed = (type: RunError['type'], message: string): SandboxOutcome => ({ ok: false, error: { type, message } });

/** Of parsed JSON, so without cycles. Not recursive, for it is the depth that is in question. */
export function isDeep(value: unknown): boolean {
  let level: object[] = isObject(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levelsMax) return true;
    level = level.flatMap((one) => Object.values(one).filter(isObject));
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
