/**
 * `npm run model`: the core against its model, a million random operations from a new seed (two to four hours; MODEL_OPERATIONS says how many). What fails is printed
 * with the settings that show it again: MODEL_SEED, MODEL_PATH.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { requireNode } from './install.mjs';

requireNode();
const { MODEL_OPERATIONS = '1000000', MODEL_SEED = String(randomInt(2 ** 31)) } = process.env;
console.log(`${MODEL_OPERATIONS} operations from the seed ${MODEL_SEED}`);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const words = ['run', '--project', 'platform', 'packages/server/test/model', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...words], {
  stdio: 'inherit',
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, MODEL_OPERATIONS, MODEL_SEED },
});
process.exit(status ?? 1);
