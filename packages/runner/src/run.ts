/**
 * One run: evaluate the function's CommonJS text, find what to call in what it exports, call it, and encode what it answers.
 * Accepts both shapes authors publish: a default-exported definition object, or a default-exported function.
 */
import type { RunSpec } from '@bowline/api/protocol';
import { describe, type Wanted } from '@bowline/compile/describe';
import { toJSONSchema } from 'zod';
import { createContext } from './context.ts';
import { SdkError } from './errors.ts';
import type { Builtins } from './globals.ts';
import { mayImport } from './hatches.ts';
import { type Libraries, openLibraries } from './library.ts';
import type { Log } from './log.ts';
import { createRequire } from './modules.ts';
import type { Port } from './port.ts';
import { replayedClock } from './replay.ts';
import type { Reuse } from './reuse.ts';
import { bundleName } from './trace.ts';

/** The reference's limit on what an action may answer. */
const outputBytesMax = 2 * 1024 * 1024;

type Tools = { port: Port; log: Log; builtin: Builtins; reuse: Reuse; libraries: Libraries };
type Callable = (...parts: unknown[]) => unknown;

/** Resolves with the output as JSON text (`true` for kinds whose answer nobody reads). Rejects with whatever ended the run. */
export async function execute(run: RunSpec, code: string, { port, log, builtin, reuse, libraries }: Tools): Promise<Uint8Array> {
  log.begin(run);
  const exported = evaluate(compiled(code, reuse, run.replay), createRequire(builtin, openLibraries(libraries, { port, builtin, reuse })));
  // The host wrote the input itself, and takes the answer for what it is: the author's word.
  if (run.kind === 'describe') return new TextEncoder().encode(encodeOutput(describe(run.input as Wanted, exported.default, toJSONSchema)));
  const { nango, writes } = createContext(run, port, log);
  const output = await call(run, exported, nango);
  await writes.settled();
  return new TextEncoder().encode(run.kind === 'action' ? encodeOutput(output) : 'true');
}

/** Taken before it is guarded for authored code. */
const Compile = Function;
const parameters = ['exports', 'require', 'module', '__filename', '__dirname'];
let last: { code: string; body: Callable } | undefined;

/** The text is compiled once for all runs of a realm and evaluated for each, so its module state is always fresh. */
function compiled(code: string, reuse: Reuse, replay: RunSpec['replay']): Callable {
  if (last?.code === code && !replay) return last.body;
  if (mayImport(code)) reuse.activity.lose();
  // A replay's clock is handed in under the names of the real one, which stay as they are.
  const clock = replay ? replayedClock(replay) : {};
  const made = new Compile(...parameters, ...Object.keys(clock), `${code}\n//# sourceURL=${bundleName}`);
  const body: Callable = (...parts) => made(...parts, ...Object.values(clock));
  // Sloppy code finds its own function, and could keep something on it.
  reuse.watch(made);
  last = replay ? undefined : { code, body };
  return body;
}

function evaluate(body: Callable, require: (name: string) => unknown): Record<string, unknown> {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  body(module.exports, require, module, bundleName, '/');
  return module.exports;
}

function call(run: RunSpec, exported: Record<string, unknown>, nango: unknown): unknown {
  const main = exported.default ?? exported;
  const definition = isFields(main) ? main : exported;
  if (run.kind === 'webhook') {
    const handler = definition.onWebhook ?? exported.onWebhookPayloadReceived;
    if (!isCallable(handler)) throw new Error(`Missing onWebhook function in '${run.name}'.`);
    return handler(nango, run.payload);
  }
  const exec = isCallable(main) ? main : definition.exec;
  if (!isCallable(exec))
    throw new Error(`'${run.name}' exports nothing to run. Export a definition made by createSync, createAction or createOnEvent.`);
  // Functions of a bundle are told what triggered them instead of their input alone.
  if (definition.type === 'function') return exec(nango, triggerOf(run, definition.input));
  if (run.kind !== 'action') return exec(nango);
  return exec(nango, isCallable(main) ? bareInput(run.input) : inputOf(run, definition.input));
}

function triggerOf(run: RunSpec, schema: unknown): object {
  if (run.kind === 'action') return { kind: 'none', input: inputOf(run, schema) };
  return { kind: run.kind === 'sync' ? 'schedule' : 'event' };
}

/** Authors of object inputs read fields without looking, so no input means no fields; a void input stays void; anything else passes unchanged. */
function inputOf(run: RunSpec, schema: unknown): unknown {
  if (run.input !== undefined && run.input !== null) return run.input;
  const type = isFields(schema) && isFields(schema.def) ? schema.def.type : 'object';
  if (type === 'void' || type === 'undefined') return undefined;
  return type === 'object' ? {} : null;
}

/** Functions that are exported as such are used to being called without an input when there is none. */
function bareInput(input: unknown): unknown {
  return input === null || (isFields(input) && Object.keys(input).length === 0 && !Array.isArray(input)) ? undefined : input;
}

function encodeOutput(output: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(output);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : 'unknown';
    throw new SdkError(
      'invalid_action_output',
      `The output cannot be written as JSON: ${why}. Return plain objects, lists, strings, numbers and booleans.`,
    );
  }
  if (text === undefined) return 'null';
  if (text.length > outputBytesMax || new TextEncoder().encode(text).byteLength > outputBytesMax) {
    throw new SdkError('script_output_too_large', `The output is larger than ${outputBytesMax} bytes. Answer less, or save it as records.`);
  }
  return text;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
