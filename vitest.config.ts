// Two projects: `pure` needs nothing but Node; `stack` runs on a real Postgres and a real Temporal server of its own.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['test/domain/**/*.test.ts', 'test/architecture/**/*.test.ts'],
          testTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'stack',
          include: ['test/**/*.test.ts'],
          exclude: ['test/domain/**', 'test/architecture/**', 'node_modules/**'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          // Two at a time: every file has its own database and namespace, and most of its time it waits for the desk.
          maxWorkers: 2,
          // Files of one worker share what they import: loading the desk anew for each took a quarter of the whole run.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
