import { defineConfig } from 'vitest/config';

/** Tests that need Go from 1.21 on, which fetches the one that the service asks for. */
export default defineConfig({
  test: {
    include: ['test/go/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
