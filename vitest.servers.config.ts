import { defineConfig } from 'vitest/config';

/** Tests that need database servers from Debian: `apt-get install redis-server mariadb-server`. */
export default defineConfig({
  test: {
    include: ['test/servers/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
