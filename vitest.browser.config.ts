import { defineConfig } from 'vitest/config';

/** Tests that need Chromium: `apt-get install chromium`, or its path in CHROMIUM. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
