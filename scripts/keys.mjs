/** `npm run keys -- status | rotate`: the keys command of the server, built first when something changed. */
import { requireNode } from './install.mjs';

requireNode();
const { build } = await import('./build.mjs');
await build(['keys']);
process.setSourceMapsEnabled(true);
const { runKeys } = await import('../packages/server/dist/keys.js');
try {
  process.exit(await runKeys(process.argv.slice(2), { env: process.env, print: (line) => console.log(line) }));
} catch (error) {
  const isExpected = ['ConfigError', 'EmbeddedError', 'VaultError'].includes(error?.name);
  console.error(isExpected ? error.message : error);
  process.exit(1);
}
