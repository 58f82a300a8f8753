/** Asks the server about providers, by the contract. What it refuses becomes a Failure that says what to do; findings keep their place in the file. */
import { ApiError } from '@bowline/api/client';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { exitCodes, Failure } from '../failure.ts';
import { sentenceOf } from '../remote/advice.ts';
import { ask, type Remote } from '../remote/server.ts';
import type { ProviderFile } from './files.ts';

/** Of one file: others may still be good. */
export class FileFailure extends Failure {}

/** Runs one question. @throws Failure for what the server refuses, with `about` (a file) before each finding */
export const asking = <T>(server: Remote, about: string, work: () => Promise<T>): Promise<T> =>
  ask(server, work, (error) => findingsOf(error, about));

/** @returns nothing for what is no matter of the file: a key that is not taken */
const findingsOf = (error: ApiError, about: string): Failure | undefined => {
  const { status, code, details } = error;
  if (status === 401 || status === 403) return undefined;
  if (code === 'invalid_body' && details.errors)
    return new FileFailure(
      exitCodes.compile,
      `${about} is not a valid provider.`,
      details.errors.map((issue) => toDiagnostic(issue, about)),
    );
  return new FileFailure(exitCodes.deploy, `${about}: ${sentenceOf(error)} (${code}, ${status})`);
};

/** A finding without a place is one of the request as a whole; its path is that of the body then. */
const toDiagnostic = ({ message, path, line, column }: NonNullable<ApiError['details']['errors']>[number], file: string): Diagnostic => {
  const key = path.join('.');
  return {
    severity: 'error',
    file,
    message: key === '' || key === 'yaml' || message.startsWith(key) ? message : `${key}: ${message}`,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  };
};

export type Change = {
  readonly file: ProviderFile;
  readonly change: 'new' | 'update' | 'unchanged';
  readonly usedBy: readonly string[];
  readonly checked: boolean;
};

/** What storing a file would do, by the server's dry run. @throws Failure when it would be refused */
export const changeOf = async (server: Remote, file: ProviderFile): Promise<Change> => {
  const stored = await storedSource(server, file.name, file.file);
  const { created, used_by } = await asking(server, file.file, () =>
    server.api.customProviders.save({ params: { provider: file.name }, query: { dry_run: 'true' }, body: { yaml: file.yaml } }),
  );
  return { file, change: stored === file.yaml ? 'unchanged' : created ? 'new' : 'update', usedBy: used_by, checked: true };
};

/** The same without the dry run. */
export const uncheckedChangeOf = async (server: Remote, file: ProviderFile): Promise<Change> => {
  const stored = await storedSource(server, file.name, file.file);
  return { file, change: stored === file.yaml ? 'unchanged' : stored === undefined ? 'new' : 'update', usedBy: [], checked: false };
};

/** @returns nothing when the environment has no provider of its own by that name */
export const storedSource = async (server: Remote, name: string, about: string): Promise<string | undefined> =>
  asking(server, about, async () => {
    try {
      return (await server.api.customProviders.source({ params: { provider: name }, query: {} })).data.yaml;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  });

export const storeProvider = async (server: Remote, { file, change }: Change): Promise<void> => {
  if (change === 'unchanged') return;
  await asking(server, file.file, () =>
    server.api.customProviders.save({ params: { provider: file.name }, query: {}, body: { yaml: file.yaml } }),
  );
};
