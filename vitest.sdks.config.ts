import { defineConfig } from 'vitest/config';

/** Applications whose packages come from npm while the tests run; those of the SDK 3 need Node 22.15. */
export default defineConfig({
  test: {
    include: ['test/sdks/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
