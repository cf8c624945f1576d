import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      'test/servers/**',
      'test/python/**',
      'test/java/**',
      'test/sdks/**',
      'test/go/**',
    ],
    // Real processes start in these tests; on a two-core machine more workers only fight for CPU.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
