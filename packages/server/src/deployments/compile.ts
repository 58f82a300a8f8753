/**
 * Compile a function from its source text. The code comes from outside, so it is only read here, never run: what it declares is asked in a
 * sandbox, which may answer anything. The answer is therefore parsed as a deployment's would be, and says nothing about other functions.
 */
import { FlowConfig } from '@bowline/api/deploy';
import { type Problem, problem } from '@bowline/api/problem';
import type { RunError } from '@bowline/api/sandbox-message';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Entry } from '@bowline/compile/entry';
import { type CompiledSource, compileSource } from '@bowline/compile/source';
import { neverBegan } from '@bowline/sandbox/pool';
import * as z from 'zod';
import type { World } from '../base/world.ts';
import type { Scope } from '../http/scope.ts';

export type Source = {
  integration: string;
  name: string;
  code: string;
  /** Gives up the wait for a sandbox. Default: after three minutes. */
  signal?: AbortSignal;
};
export type CompiledFunction = { flow: FlowConfig; bytes: number };

/** Loading a file takes milliseconds: zod schemas are made, nothing is asked of the network. */
const LOAD_MS = 10_000;
/** The most a sandbox answers an honest run with. */
const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
const FILE = 'function.ts';
const WAIT_MS = 180_000;

const place = z.number().int().nonnegative().optional();
const DescribedSource = z.object({
  problems: z
    .array(
      z.object({ severity: z.enum(['error', 'warning']), message: z.string(), code: z.string().optional(), line: place, column: place }),
    )
    .max(1000),
  flow: z.unknown().optional(),
});

/** @throws compilation_error, execution_environment_unavailable */
export async function compileFunction(world: Pick<World, 'sandboxes'>, scope: Scope, source: Source): Promise<CompiledFunction> {
  const entry = { file: FILE, integration: source.integration, name: source.name, out: 'function' };
  const compiled = await compileSource(entry, source.code);
  if (!compiled.ok) throw compilationError(compiled.problems);
  const { signal = AbortSignal.timeout(WAIT_MS) } = source;
  const described = await describe(world, scope, { entry, compiled, code: source.code, signal });
  const errors = described.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw compilationError(errors);
  const flow = FlowConfig.safeParse({
    ...Object(described.flow),
    // Whose code it is, is not for the code to say.
    syncName: source.name,
    providerConfigKey: source.integration,
    fileBody: { js: compiled.js, ts: source.code },
  });
  if (flow.success) return { flow: flow.data, bytes: Buffer.byteLength(compiled.js) };
  throw compilationError(flow.error.issues.map(({ path, message }) => failure(`${path.join('.')}: ${message}`)));
}

type Compiled = { entry: Entry; compiled: CompiledSource & { ok: true }; code: string; signal: AbortSignal };

async function describe(
  { sandboxes }: Pick<World, 'sandboxes'>,
  { environment }: Scope,
  { entry, compiled, code, signal }: Compiled,
): Promise<z.output<typeof DescribedSource>> {
  const outcome = await sandboxes.run({
    owner: `${environment.id}/compile`,
    run: {
      kind: 'describe',
      name: entry.name,
      connectionId: '',
      providerConfigKey: entry.integration,
      provider: '',
      environmentId: environment.id,
      environmentName: environment.name,
      nangoConnectionId: 0,
      activityLogId: '',
      variant: 'base',
      models: [],
      input: { entry, source: code },
      isCLI: false,
    },
    code: compiled.js,
    timeoutMs: LOAD_MS,
    signal,
    onCall: async () => {
      throw new Error('a function that is described has nothing to ask for');
    },
    onLog: () => {},
  });
  if (!outcome.ok) throw loadProblem(outcome.error);
  if (outcome.output.byteLength > ANSWER_BYTES_MAX) throw compilationError([failure('What the function declares is larger than 2 MB.')]);
  const parsed = DescribedSource.safeParse(parseJson(outcome.output.toString('utf8')));
  if (!parsed.success) throw compilationError([failure('What the function declares could not be read.')]);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // authored code runs beside what writes it
  }
}

function loadProblem(error: RunError): Problem {
  const { message, stack } = error;
  if (neverBegan(error)) return problem('execution_environment_unavailable', { message });
  return compilationError([failure(`The file failed while it was loaded: ${message}${stack?.[0] ? ` (${stack[0]})` : ''}`)]);
}

const failure = (message: string): Diagnostic => ({ severity: 'error', message, file: FILE });

const MESSAGE_MAX = 20_000;

type Told = { message: string; line?: number | undefined; column?: number | undefined };

function compilationError(diagnostics: readonly Told[]): Problem {
  const lines = diagnostics.map(({ message, line, column }) => `${FILE}${line ? `:${line}:${column ?? 1}` : ''}: ${message}`);
  return problem('compilation_error', { message: lines.join('\n').slice(0, MESSAGE_MAX), payload: { diagnostics } });
}
