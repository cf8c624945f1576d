import { defineConfig } from 'vitest/config';

/** Tests that need nektos/act on the PATH, and Node 24, by which GitHub's runner starts the action. */
export default defineConfig({
  test: {
    include: ['test/act/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
