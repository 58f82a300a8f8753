/** What storing provider files would change, all of them looked at before any is stored, and how that is shown. */
import type { Diagnostic } from '@bowline/compile/diagnostic';
import { type ExitCode, Failure } from '../failure.ts';
import { counted, type Terminal } from '../terminal.ts';
import { type ProviderFile, parentOf } from './files.ts';
import { type Change, changeOf, type ProviderServer, storedSource } from './server.ts';

/** @throws Failure with the findings of all files */
export const planProviders = async (server: ProviderServer, files: readonly ProviderFile[]): Promise<Change[]> => {
  const changes: Change[] = [];
  const failures: Failure[] = [];
  for (const file of files) {
    // What extends a file that the server does not have yet cannot be tried before that one is stored.
    if (changes.some(({ file: parent, change }) => parent.name === parentOf(file) && change === 'new')) {
      changes.push({ file, change: (await storedSource(server, file.name, file.file)) === undefined ? 'new' : 'update', usedBy: [] });
      continue;
    }
    try {
      changes.push(await changeOf(server, file));
    } catch (error) {
      if (!(error instanceof Failure) || isOfServer(error)) throw error;
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

/** One that every file would meet: no server, no key. */
const isOfServer = ({ message, diagnostics }: Failure): boolean =>
  diagnostics.length === 0 && /^Cannot reach|\((?:401|403)\)/.test(message);
const worst = (failures: readonly Failure[]): ExitCode => failures.map(({ exitCode }) => exitCode).sort((a, b) => a - b)[0] ?? 1;
const diagnosticsOf = ({ message, diagnostics }: Failure): readonly Diagnostic[] =>
  diagnostics.length > 0 ? diagnostics : [{ severity: 'error', message }];

export const printChanges = (changes: readonly Change[], { colours, print }: Terminal): void => {
  const marks = { new: colours.green('+ new   '), update: colours.cyan('~ update'), unchanged: colours.dim('= same  ') };
  for (const { file, change, usedBy } of changes)
    print(`  ${marks[change]} provider ${file.name}${usedBy.length > 0 ? colours.dim(`  used by ${usedBy.join(', ')}`) : ''}`);
};

export const describeChanges = (changes: readonly Change[]) =>
  changes.map(({ file, change, usedBy }) => ({ name: file.name, file: file.file, change, used_by: usedBy }));
