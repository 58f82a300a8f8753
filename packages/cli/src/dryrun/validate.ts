/** Holds what went in and what came out to the schemas that are deployed, by the rules of the server (decisions/034). */
import { type Flaw, openValidator, SchemaError } from '@bowline/compile/validate';
import type { Compiled } from '../compile/compiled.ts';
import { exitCodes, Failure } from '../failure.ts';
import type { Ran } from './execute.ts';
import type { Values } from './values.ts';

/** `model` is a model, `input` or `output`; `path` leads into it, `id` names the record. */
export type Mistake = Flaw & { model: string; id?: string };

export async function validateInput({ definition, schemas }: Compiled, { input }: Values): Promise<Mistake[]> {
  if (definition.kind !== 'action' || schemas?.input === undefined) return [];
  const compile = await openValidator();
  const validate = usable(() => compile(schemas.schema.definitions, schemas.input ?? '', 'input'));
  return (validate?.(input) ?? []).map((flaw) => ({ model: 'input', ...flaw }));
}

export async function validateResult({ definition, schemas }: Compiled, { output, error, done }: Ran): Promise<Mistake[]> {
  if (!schemas || error) return [];
  const compile = await openValidator();
  const { definitions } = schemas.schema;
  if (definition.kind === 'action') {
    const validate = usable(() => compile(definitions, schemas.models[0] ?? '', 'output'));
    return (validate?.(output) ?? []).map((flaw) => ({ model: 'output', ...flaw }));
  }
  const written = [
    ['record', done.batchSave],
    ['patch', done.batchUpdate],
  ] as const;
  return written.flatMap(([usage, byModel]) =>
    Object.entries(byModel).flatMap(([model, records]) => {
      const validate = usable(() => compile(definitions, model, usage));
      return records.flatMap((record) => (validate?.(record) ?? []).map((flaw) => ({ model, id: String(Object(record).id), ...flaw })));
    }),
  );
}

function usable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof SchemaError ? new Failure(exitCodes.run, error.message) : error;
  }
}

const shownMax = 20;

export function describeMistakes(mistakes: readonly Mistake[]): string {
  const lines = mistakes.slice(0, shownMax).map(({ model, id, path, message }) => {
    const where = [model, id === undefined ? undefined : `id ${id}`, path].filter(Boolean).join(' · ');
    return `  ${where}: ${message}`;
  });
  const more = mistakes.length > shownMax ? [`  … and ${mistakes.length - shownMax} more`] : [];
  return [...lines, ...more].join('\n');
}
