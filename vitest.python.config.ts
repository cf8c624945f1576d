import { defineConfig } from 'vitest/config';

/** Tests that need Python 3.10 or newer, PyPI, and the virtual environments of the examples in Python. */
export default defineConfig({
  test: {
    include: ['test/python/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
