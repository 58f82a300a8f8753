/**
 * Holds what goes into a run and what comes out of it to the schemas of its function, as the environment wants it: not at all, with a line in the
 * log of the run for each kind of mistake, or so that the run, or the call that saves, fails. What is logged and answered holds no values.
 */
import { createHash } from 'node:crypto';
import type { ValidationMode } from '@bowline/api/dashboard';
import { CallError, type RunErrorType, type RunSpec } from '@bowline/api/protocol';
import type { RunError } from '@bowline/api/sandbox-message';
import { kindOfPath, type Question, type Verdict } from '../base/schema-checks.ts';
import type { DeployedFunction } from '../deployments/function.ts';
import { type Validation, validationOf } from '../environments/validation.ts';
import type { RunChecks, RunContext } from './context.ts';

type Checked = Pick<RunContext, 'world' | 'scope' | 'fn' | 'operation' | 'connection'>;
type Asked = Pick<Question, 'usage' | 'name'> & ({ json: string } | { lines: Uint8Array });
/** What is held to a schema: how it is called, and its parts. */
type Subject = { what: string; model: string; ids?: readonly string[] };
type Mistake = { model: string; id?: string | undefined; path: string; message: string };

/** Kinds of mistakes that a run has lines of, and mistakes that an error tells. */
const LINES_MAX = 20;
const TOLD_MAX = 20;
const IN_MESSAGE_MAX = 3;

/** Undefined when there is nothing to check, or nobody wants it. */
export async function openChecks(context: Checked): Promise<RunChecks | undefined> {
  const { world, scope, fn } = context;
  if (!fn.config.schema) return undefined;
  const wanted = await validationOf(world, scope.environment.id);
  return Object.values(wanted).every((mode) => mode === 'off') ? undefined : createChecks(context, wanted);
}

function createChecks({ world, fn, operation, connection }: Checked, wanted: Validation): RunChecks {
  const definitions = JSON.stringify(fn.config.schema?.definitions ?? {});
  const key = createHash('sha256').update(definitions).digest('base64');
  const lines = createLines(operation);
  const ask = (asked: Asked): Promise<Verdict> => world.schemaChecks.check({ key, definitions, ...asked });
  const judge = async (mode: ValidationMode, asked: Asked, subject: Subject): Promise<Told | undefined> => {
    if (mode === 'off') return undefined;
    const told = describe(await ask(asked), subject);
    if (mode === 'fail') return told;
    if (told) lines.write(told);
    return undefined;
  };
  return {
    input: async ({ kind, input }) => {
      const given = inputOf(fn, kind, { input, metadata: connection.metadata });
      const told = given && (await judge(wanted.inputs, given.asked, given.subject));
      return told && failure(given.type, told);
    },
    output: async (text) => {
      const [name] = fn.config.models;
      if (fn.type !== 'action' || name === undefined) return undefined;
      const subject = { what: 'The output', model: name };
      const told = await judge(wanted.outputs, { usage: 'output', name, json: text.toString('utf8') }, subject);
      return told && failure('invalid_action_output', told);
    },
    records: async ({ model, ids }, body, usage) => {
      const subject = { what: `${usage === 'record' ? 'Record' : 'The update of record'}`, model, ids };
      const told = await judge(wanted.records, { usage, name: model, lines: body }, subject);
      if (!told) return;
      const { message, payload } = failure('invalid_sync_record', told);
      const code = 'invalid_sync_record';
      throw new CallError({ name: 'Error', code, message: `${message}. Nothing of this chunk of ${ids.length} was saved.`, payload });
    },
    end: lines.end,
  };
}

function inputOf({ config }: DeployedFunction, kind: RunSpec['kind'], { input = null, metadata }: { input?: unknown; metadata: unknown }) {
  const { input: name } = config;
  if (name === undefined) return undefined;
  if (kind === 'action') {
    const asked = { usage: 'input', name, json: JSON.stringify(input) } as const;
    return { type: 'invalid_action_input', asked, subject: { what: 'The input', model: name } } as const;
  }
  if (kind !== 'sync') return undefined;
  const asked = { usage: 'metadata', name, json: JSON.stringify(metadata ?? null) } as const;
  return { type: 'invalid_sync_metadata', asked, subject: { what: 'The metadata of the connection', model: name } } as const;
}

/** `count`: how many values are wrong; null when nothing could be said about any. */
type Told = { subject: Subject; mistakes: (Mistake & { count: number })[]; wrong: number; unusable?: string };

function describe(verdict: Verdict, subject: Subject): Told | undefined {
  if ('unusable' in verdict) return { subject, mistakes: [], wrong: 0, unusable: verdict.unusable };
  if (verdict.wrong.length === 0) return undefined;
  const mistakes = verdict.faults.map(({ index, ...fault }) => ({ model: subject.model, id: subject.ids?.[index], ...fault }));
  return { subject, mistakes, wrong: verdict.wrong.length };
}

function failure(type: RunErrorType, { subject, mistakes, wrong, unusable }: Told): RunError {
  if (unusable !== undefined) return { type, message: `${subject.what} could not be checked. ${unusable}`, payload: { mistakes: [] } };
  const shown = mistakes.slice(0, IN_MESSAGE_MAX).map((one) => sentence(subject, one));
  const more = mistakes.length > shown.length ? `; and ${mistakes.length - shown.length} more kinds of mistakes` : '';
  const many = wrong > 1 ? ` (${wrong} do not fit)` : '';
  const told = mistakes.slice(0, TOLD_MAX).map(({ count: _, ...mistake }) => mistake);
  return { type, message: `${shown.join('; ')}${more}${many}`, payload: { mistakes: told } };
}

function sentence({ what, model, ids }: Subject, { id, path, message }: Mistake): string {
  const whose = ids ? `${what} "${id}" of ${model}` : what;
  return `${whose}: ${[path, message].filter(Boolean).join(' ')}`;
}

/** A line for each kind of mistake of a run, some of them at most. */
function createLines(operation: RunContext['operation']) {
  const kinds = new Map<string, number>();
  let hidden = 0;
  return {
    write({ subject, mistakes, unusable }: Told): void {
      if (unusable !== undefined && !kinds.has(unusable)) {
        kinds.set(unusable, 1);
        operation.log('warn', `${subject.what} could not be checked. ${unusable}`, { model: subject.model });
      }
      for (const { count, ...mistake } of mistakes) {
        const kind = `${mistake.model} ${kindOfPath(mistake.path)} ${mistake.message}`;
        const known = kinds.get(kind);
        hidden += known === undefined && kinds.size < LINES_MAX ? count - 1 : count;
        if (known === undefined && kinds.size < LINES_MAX) {
          const { id, path, message: expected } = mistake;
          operation.log('warn', `${sentence(subject, mistake)}. It goes on, as this environment only warns.`, {
            model: mistake.model,
            ...(id === undefined ? {} : { id }),
            path,
            expected,
          });
        }
        kinds.set(kind, (known ?? 0) + count);
      }
    },
    end(): void {
      if (hidden > 0) operation.log('warn', `${hidden} more mistakes were found that have no line of their own`, { kinds: kinds.size });
    },
  };
}
