/**
 * Which files a source may depend on, read from its text. Guesses on the safe side: every quoted relative path counts, whether it is imported or not,
 * because one too many only compiles once more, and one too few would leave something old in place.
 */
import { isAuthoringModule } from '@bowline/compile/modules';

export type Scan = {
  /** As quoted: './x.js'. */
  readonly relative: readonly string[];
  /** Packages whose types come from the project's own node_modules. */
  readonly packages: readonly string[];
  /** It reads what the text does not tell, such as `import('./' + name)`: to be compiled every time. */
  readonly isOpen: boolean;
  /** It declares for all files: what changes here may change the types of every function. */
  readonly isAmbient: boolean;
};

export const scan = (text: string): Scan => ({
  relative: unique([...text.matchAll(quotedRelative)].map(([, , path = '']) => path)),
  packages: unique(
    [...text.matchAll(imported)].map(([, , name = '']) => name).filter((name) => !isAuthoringModule(name) && !ours.test(name)),
  ),
  isOpen: computedImport.test(text) || absoluteImport.test(text) || escapedPath.test(text),
  isAmbient:
    /\bdeclare\s+(global|module|namespace)\b|\/\/\/\s*<reference|export\s+as\s+namespace/.test(text) ||
    !/^\s*(import|export)\b/m.test(text),
});

const quotedRelative = /(['"`])(\.{1,2}(?:\/[^'"`\n]*)?)\1/g;
const imported = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"./][^'"\n]*)\1/g;
const computedImport = /\b(?:import|require)\s*\(\s*(?!['"][^'"\n]*['"]\s*[,)])/;
const absoluteImport = /\b(?:from|import|require)\s*\(?\s*['"`]\//;
const escapedPath = /\b(?:from|import|require)\s*\(?\s*(['"`])[^'"`\n]*\\/;
/** Of these the types come with the command. */
const ours = /^(zod|node:.*|crypto|url)$/;

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
