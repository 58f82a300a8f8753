/** What `npm run docs` writes: the pages about the providers of this repository. Also read by the test that says when they are old. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue } from '../catalogue.ts';
import { providerPages } from './pages.ts';
import type { GuideTemplate } from './place.ts';

/** @param root the repository. @returns the text of each file of `docs/providers` by its name */
export function providerDocuments(root: string): Map<string, string> {
  const catalogue = loadCatalogue({ folder: join(root, 'packages/providers/catalog') });
  const examples = join(root, 'examples/integrations');
  const templates = catalogue.list().map(({ name }) => [name, templatesIn(join(examples, name))] as const);
  return providerPages(catalogue.list(), new Map(templates));
}

const kinds = { actions: 'action', 'on-events': 'on-event', syncs: 'sync' };

/** As their sources have them: without a build. */
function templatesIn(folder: string): GuideTemplate[] {
  return Object.entries(kinds).flatMap(([kind, type]) => {
    const place = join(folder, kind);
    const files = existsSync(place) ? readdirSync(place).filter((file) => file.endsWith('.ts')) : [];
    return files.sort().map((file) => {
      const told = /\bdescription:\s*(['"`])((?:\\.|(?!\1).)*)\1/.exec(readFileSync(join(place, file), 'utf8'))?.[2];
      return { name: file.replace(/\.ts$/, ''), type, ...(told === undefined ? {} : { description: told.replaceAll(/\\(.)/g, '$1') }) };
    });
  });
}
