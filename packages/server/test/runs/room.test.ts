import { expect, test } from 'vitest';
import { sandboxRoom } from '../../src/runs/room.ts';

const GB = 2 ** 30;

test.each([
  [1, 8],
  [8, 12],
  [24, 38],
  [1000, 64],
])('with %i GB %i sandboxes may wait for another run', (memory, idleMax) => {
  expect(sandboxRoom({ syncConcurrency: 16 }, memory * GB)).toEqual({ runsMax: 40, idleMax });
});
