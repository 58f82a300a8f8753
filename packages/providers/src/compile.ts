/** Makes the compiled catalogue. Apart from its reader, so that a start needs none of this. */
import { builtInFolder, readProvider } from './catalogue.ts';
import { compiledFile, readCompiled, writeCompiled } from './compiled.ts';
import { readFolder } from './source.ts';

/**
 * @returns how many entries the file holds
 * @throws CatalogueError when one does not fit the schema
 */
export function compileCatalogue({ folder = builtInFolder, file = compiledFile } = {}): number {
  const made = new Date();
  const sources = readFolder(folder);
  const providers = [...sources.keys()].map((name) => readProvider(name, sources));
  const parents = [...sources].flatMap(([name, source]) => {
    const parent = source.content().extends;
    return typeof parent === 'string' ? [[name, parent]] : [];
  });
  writeCompiled({ providers, parents: Object.fromEntries(parents) }, file, made);
  return providers.length;
}

/** Makes it where it is not current. */
export function ensureCompiled(): void {
  if (!readCompiled(builtInFolder, compiledFile)) compileCatalogue();
}
