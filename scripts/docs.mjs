/** `npm run docs`: writes the pages about providers in `docs/providers` anew and takes away those of providers that are no longer there. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requireNode } from './install.mjs';
import { say } from './say.mjs';

requireNode();
const { bundleWhole } = await import('./build.mjs');
const root = fileURLToPath(new URL('..', import.meta.url));
const program = 'node_modules/.cache/bowline/documents.mjs';
await bundleWhole({ entry: 'packages/providers/src/guide/documents.ts', output: program });
const { providerDocuments } = await import(pathToFileURL(join(root, program)).href);

const pages = providerDocuments(root);
const folder = join(root, 'docs/providers');
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
say(`${pages.size} pages in docs/providers`);
