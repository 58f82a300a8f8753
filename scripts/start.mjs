/** `npm start`: from a bare clone to a running platform, in this one process. A second start only checks that nothing changed. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { install, requireNode } from './install.mjs';

requireNode();
await install();
const { build } = await import('./build.mjs'); // only now: it needs what was installed
await build();
const main = new URL('../packages/server/dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  console.error('packages/server/dist/main.js is missing: the server was not built.');
  process.exit(1);
}
process.setSourceMapsEnabled(true);
await import(main.href);
