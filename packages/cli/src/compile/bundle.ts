/**
 * Bundles each function with its own files, some hundred in one call of esbuild: all at once, 6,000 bundles and their sources lay in memory together.
 * A bundle does not depend on what is bundled beside it.
 */
import { join } from 'node:path';
import { type Bundle, bundling, diagnosticOf, imports, isBuildFailure } from '@bowline/compile/bundle';
import type { Diagnostic } from '@bowline/compile/diagnostic';
import type { Entry } from '@bowline/compile/entry';
import { build } from 'esbuild';

const batchSize = 300;

type Built = { bundles: Bundle[]; problems: Diagnostic[] };

/**
 * The next batch is bundled while the caller is busy with one.
 * @param filesOf what a function is made of: those that a mistake touches are left out, the others still bundled
 */
export async function* bundleAll(
  root: string,
  entries: readonly Entry[],
  filesOf: (entry: Entry) => readonly string[],
): AsyncGenerator<Built> {
  const batches: Entry[][] = [];
  for (let at = 0; at < entries.length; at += batchSize) batches.push(entries.slice(at, at + batchSize));
  let next = batches[0] && settled(bundleSome(root, batches[0], filesOf));
  for (let at = 1; next; at++) {
    const built = await next;
    const batch = batches[at];
    next = batch && settled(bundleSome(root, batch, filesOf));
    yield built();
  }
}

/** A failure waits for whoever asks for the result, instead of being nobody's. */
const settled = (work: Promise<Built>): Promise<() => Built> =>
  work.then(
    (built) => () => built,
    (error: unknown) => () => {
      throw error;
    },
  );

const bundleSome = async (root: string, entries: readonly Entry[], filesOf: (entry: Entry) => readonly string[]): Promise<Built> => {
  const outdir = join(root, 'build');
  try {
    const { outputFiles } = await build({
      ...bundling,
      absWorkingDir: root,
      entryPoints: entries.map(({ file, out }) => ({ in: join(root, file), out })),
      outdir,
      outExtension: { '.js': '.cjs' },
      plugins: [imports],
    });
    const texts = new Map(outputFiles.map((file) => [file.path, file]));
    return { bundles: entries.map((entry) => ({ entry, js: texts.get(join(outdir, `${entry.out}.cjs`))?.text ?? '' })), problems: [] };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const problems = error.errors.map(diagnosticOf);
    const wrong = new Set(problems.map(({ file }) => file));
    const others = entries.filter((entry) => !filesOf(entry).some((file) => wrong.has(file)));
    if (others.length === entries.length || wrong.has(undefined)) return { bundles: [], problems };
    const rest = others.length > 0 ? await bundleSome(root, others, filesOf) : { bundles: [], problems: [] };
    return { bundles: rest.bundles, problems: [...problems, ...rest.problems] };
  }
};
