/** The platform as a process of its own, for tests that stop and kill it. Says where it is over the channel, and ends with its parent. */
import { start } from '../packages/server/dist/main.js';

const { stop, ...running } = await start({ env: process.env, ...JSON.parse(process.argv[2] ?? '{}') });
let ending = false;
const end = async () => {
  if (ending) process.exit(1);
  ending = true;
  await stop();
  process.exit(0);
};
process.on('SIGTERM', end);
process.on('disconnect', end);
process.send?.(running);
