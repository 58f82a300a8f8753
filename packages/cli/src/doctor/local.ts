/** What can be looked at without a server: the machine and the project. */
import { compileOnly } from '../compile/compile.ts';
import { describePlace, Failure } from '../failure.ts';
import { findProject, type Project } from '../project/find.ts';
import { counted, createTerminal } from '../terminal.ts';

/** `advice` says what to do where it is not `ok`, or what to know where it is. */
export type Check = { readonly name: string; readonly ok: boolean; readonly found: string; readonly advice?: string };
export type Tell = (check: Check) => void;

/** As the packages of this repository declare it. */
const nodeMin = [20, 19] as const;

export const checkMachine = (version = process.versions.node): Check => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]);
  return { name: 'Node', ok, found: version, ...(!ok && { advice: `Install Node ${nodeMin.join('.')} or newer.` }) };
};

/** @returns the integrations that have functions in the project */
export const checkProject = async (root: string, tell: Tell): Promise<string[]> => {
  try {
    const project = findProject(root);
    tell({ name: 'Project', ok: true, found: `${root}, ${counted(project.entries.length, 'function')}` });
    tell(await checkCompiles(project));
    return [...new Set(project.entries.map(({ integration }) => integration))];
  } catch (error) {
    tell({ name: 'Project', ok: false, ...wordsOf(error) });
    return [];
  }
};

/** Nothing of it is shown but the outcome: `compile` tells the rest. */
const checkCompiles = async (project: Project): Promise<Check> => {
  const silent = { write: () => {}, writeError: () => {}, env: {}, cwd: project.root, isTty: false, ask: undefined };
  try {
    const { warnings } = await compileOnly(project, createTerminal(silent, false));
    return { name: 'Compiles', ok: true, found: warnings.length === 0 ? 'yes' : `yes, with ${counted(warnings.length, 'warning')}` };
  } catch (error) {
    const { found, advice } = wordsOf(error);
    return { name: 'Compiles', ok: false, found, advice: `${advice ? `${advice}\n  ` : ''}All of it: bowline compile` };
  }
};

/** @throws what is not an expected failure */
const wordsOf = (error: unknown): { found: string; advice?: string } => {
  if (!(error instanceof Failure)) throw error;
  const [first] = error.diagnostics;
  return { found: error.message, ...(first && { advice: `${describePlace(first)}: ${first.message}` }) };
};
