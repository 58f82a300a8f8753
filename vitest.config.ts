/**
 * What needs a Postgres (started once a run, see packages/server/test/postgres.ts) and what does not. Where the machine has a Postgres
 * server too, what depends on the database most runs a second time against it.
 */

import { defineConfig } from 'vitest/config';
import { findServer } from './packages/server/test/postgres-server.ts';
import { failedTests } from './scripts/failed-tests.ts';

const server = {
  extends: true as const,
  test: {
    name: 'server postgres',
    include: ['queue', 'events', 'records', 'connections', 'syncs'].map((folder) => `packages/server/test/${folder}/**/*.test.ts`),
    globalSetup: 'packages/server/test/postgres-server.ts',
  },
};

export default defineConfig({
  test: {
    pool: 'forks', // real processes: tests spawn, kill and chown
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    reporters: ['default', failedTests],
    diff: { truncateThreshold: 40 }, // a diff of thousands of lines would push the names of what failed out of a log
    projects: [
      {
        extends: true,
        test: {
          name: 'platform',
          include: ['packages/server/test/**/*.test.ts', 'test/**/*.test.ts'],
          globalSetup: ['packages/providers/test/compiled.ts', 'packages/server/test/postgres.ts'],
        },
      },
      ...(findServer() ? [server] : []),
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
          exclude: ['packages/server/**', '**/node_modules/**'],
          globalSetup: 'packages/providers/test/compiled.ts',
        },
      },
    ],
  },
});
