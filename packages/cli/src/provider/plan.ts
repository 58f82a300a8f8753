/** What storing provider files would change, all of them looked at before any is stored, and how that is shown. */
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { type ExitCode, Failure } from '../failure.ts';
import type { Remote } from '../remote/server.ts';
import { counted, type Terminal } from '../terminal.ts';
import { type ProviderFile, parentOf } from './files.ts';
import { type Change, changeOf, FileFailure, uncheckedChangeOf } from './server.ts';

/** @throws Failure with the findings of all files */
export const planProviders = async (server: Remote, files: readonly ProviderFile[]): Promise<Change[]> => {
  const changes: Change[] = [];
  const failures: FileFailure[] = [];
  for (const file of files) {
    // A parent that is about to change would be judged as it was: what extends it is looked at when it is stored.
    const parent = changes.find(({ file: { name }, change }) => name === parentOf(file) && change !== 'unchanged');
    try {
      changes.push(parent ? await uncheckedChangeOf(server, file) : await changeOf(server, file));
    } catch (error) {
      if (!(error instanceof FileFailure)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first && failures.length === 1) throw first;
  if (first)
    throw new Failure(
      worst(failures),
      `${failures.length} of ${counted(files.length, 'provider file')} cannot be stored.`,
      failures.flatMap(diagnosticsOf),
    );
  return changes;
};

const worst = (failures: readonly FileFailure[]): ExitCode => failures.map(({ exitCode }) => exitCode).sort((a, b) => a - b)[0] ?? 1;
const diagnosticsOf = ({ message, diagnostics }: Failure): readonly Diagnostic[] =>
  diagnostics.length > 0 ? diagnostics : [{ severity: 'error', message }];

export const printChanges = (changes: readonly Change[], { colours, print }: Terminal): void => {
  const marks = { new: colours.green('+ new   '), update: colours.cyan('~ update'), unchanged: colours.dim('= same  ') };
  for (const { file, change, usedBy, checked } of changes)
    print(`  ${marks[change]} provider ${file.name}${colours.dim(aside(usedBy, checked))}`);
};

const aside = (usedBy: readonly string[], checked: boolean): string =>
  checked ? (usedBy.length > 0 ? `  used by ${usedBy.join(', ')}` : '') : '  checked when what it extends is stored';

export const describeChanges = (changes: readonly Change[]) =>
  changes.map(({ file, change, usedBy }) => ({ name: file.name, file: file.file, change, used_by: usedBy }));
