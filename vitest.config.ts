/** Two groups: what needs a Postgres (started once a run, see packages/server/test/postgres.ts) and what does not. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks', // real processes: tests spawn, kill and chown
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'platform',
          include: ['packages/server/test/**/*.test.ts', 'test/**/*.test.ts'],
          globalSetup: 'packages/server/test/postgres.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'packages',
          include: ['packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
          exclude: ['packages/server/**', '**/node_modules/**'],
        },
      },
    ],
  },
});
