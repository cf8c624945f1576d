import { defineConfig } from 'vitest/config';

/** Tests that need Python 3.10 or newer, and the virtual environment of examples/python-orders. */
export default defineConfig({
  test: {
    include: ['test/python/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
