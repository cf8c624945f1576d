import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each of these has a configuration of its own, and needs more than Node.
    exclude: [
      '**/node_modules/**',
      // These have the machine to themselves (vitest.load.config.ts).
      'test/runner/load/**',
      ...['servers', 'regressions', 'python', 'java', 'go', 'act', 'sdks', 'browser'].map(
        (suite) => `test/${suite}/**`,
      ),
    ],
    // Real processes start in these tests; on a two-core machine more workers only fight for CPU.
    maxWorkers: 2,
    // Of the sessions of test/e2e and test/doctor: each starts up to five processes, and has a load of its own.
    maxConcurrency: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
