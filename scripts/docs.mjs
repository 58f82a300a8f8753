/** `npm run docs`: writes the pages about providers in `docs/providers` anew and takes away those of providers that are no longer there. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { say } from './say.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/providers');
const scratch = mkdtempSync(join(tmpdir(), 'bowline-docs-'));
try {
  const outfile = join(scratch, 'documents.cjs');
  const entry = join(root, 'packages/providers/src/guide/documents.ts');
  // The catalogue's own place is never asked for: it is handed in.
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const { providerDocuments } = createRequire(import.meta.url)(outfile);
  const pages = providerDocuments(root);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
  for (const [name, text] of pages) writeFileSync(join(folder, name), text);
  say(`${pages.size} pages in docs/providers`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
