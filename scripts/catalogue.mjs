/** `npm run catalogue -- check [names…]`: the catalogue's own command, built first when something changed. */
import { requireNode } from './install.mjs';

requireNode();
const { build } = await import('./build.mjs');
await build(['catalogue command']);
process.setSourceMapsEnabled(true);
const { runCatalogue } = await import('../packages/providers/dist/command.js');
try {
  process.exitCode = runCatalogue(process.argv.slice(2), { print: (line) => console.log(line), cwd: process.cwd() });
} catch (error) {
  console.error(error?.name === 'CatalogueError' ? error.message : error);
  process.exitCode = 1;
}
