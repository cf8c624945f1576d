import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Each of these has a configuration of its own, and needs more than Node.
    exclude: [
      '**/node_modules/**',
      // These have the machine to themselves (vitest.load.config.ts).
      'test/runner/load/**',
      ...['servers', 'python', 'java', 'go', 'sdks', 'browser'].map((suite) => `test/${suite}/**`),
    ],
    // Real processes start in these tests; on a two-core machine more workers only fight for CPU.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
