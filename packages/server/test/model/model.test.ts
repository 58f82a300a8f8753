/** The platform's core against a simple model of it: `npm run model` explores further. */
import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import { openLane } from './lane.ts';

const operations = Number(process.env.MODEL_OPERATIONS ?? 10_000);
const seed = Number(process.env.MODEL_SEED ?? 1);
const path = process.env.MODEL_PATH;
/** Databases side by side; to see a failure again, one is enough. */
const LANES = path === undefined ? 4 : 1;
/** How often it says how far it is: a million operations take hours. */
const TELL_MS = 60_000;
const lanes = await Promise.all(Array.from({ length: LANES }, () => openLane()));

test('whatever happens in whatever order, what is stored and answered is what the model says', { timeout: 24 * 3600_000 }, async () => {
  const counts = lanes.map(() => 0);
  const sum = () => counts.reduce((all, one) => all + one, 0);
  const telling = setInterval(
    () => console.log(`${sum().toLocaleString('en-US')} of ${operations.toLocaleString('en-US')} operations`),
    TELL_MS,
  );
  const explorations = lanes.map((lane, index) =>
    explore(lane, {
      seed: seed + index,
      operations: operations / LANES,
      path,
      shrinkMs: 60_000,
      onDone: (done) => {
        counts[index] = done;
      },
    }),
  );
  const ends = await Promise.allSettled(explorations);
  clearInterval(telling);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  if (path === undefined) expect(sum()).toBeGreaterThanOrEqual(operations);
});
