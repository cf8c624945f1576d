import { defineConfig } from 'vitest/config';

/** Gates of the example with each of its regressions: they need Node alone, and the machine to themselves. */
export default defineConfig({
  test: {
    include: ['test/regressions/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
