/** Before the tests of a run: the compiled catalogue, so that not every test file reads and checks 600 YAML files. */
import { ensureCompiled } from '../src/compile.ts';
import { CatalogueError } from '../src/source.ts';

export function setup(): void {
  try {
    ensureCompiled();
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error; // a broken file is for the tests to tell
  }
}
