import { defineConfig } from 'vitest/config';

/** Tests that need a JDK from 17 on, Maven, and Maven Central: `apt-get install openjdk-17-jdk-headless maven`. */
export default defineConfig({
  test: {
    include: ['test/java/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
