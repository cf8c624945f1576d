import { defineConfig } from 'vitest/config';

/** Load drivers against servers of known delays: beside other tests on two cores every delay would be another. */
export default defineConfig({
  test: {
    include: ['test/runner/load/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
