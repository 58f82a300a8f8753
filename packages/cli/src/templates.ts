/** The catalogue of functions that the server offers: a project compiled into one text. The first folder of each function is its provider. */
import { compileOnly } from './compile/compile.ts';
import { deployBody } from './deploy/body.ts';
import { openSources } from './deploy/sources.ts';
import { describePlace, Failure } from './failure.ts';
import { findProject } from './project/find.ts';
import { createTerminal } from './terminal.ts';
import { toolbox } from './toolbox.ts';

/**
 * @public what `npm run build` calls
 * @returns JSON text: `{ sdkVersion, functions }`, each as a deployment has it
 */
export const compileTemplates = async (root: string): Promise<string> => {
  const silent = { write: () => {}, writeError: () => {}, env: {}, cwd: root, isTty: false, ask: undefined };
  try {
    const { compiled } = await compileOnly(findProject(root), createTerminal(silent, false));
    const { flowConfigs, sdkVersion } = deployBody(compiled, 'all', toolbox.version, openSources(root));
    return JSON.stringify({ sdkVersion, functions: flowConfigs });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const lines = error.diagnostics.map((diagnostic) => `${describePlace(diagnostic)}: ${diagnostic.message}`);
    throw new Error([`The functions in ${root} do not compile. ${error.message}`, ...lines].join('\n'));
  }
};
