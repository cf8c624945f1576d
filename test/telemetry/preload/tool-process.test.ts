import { expect, test } from 'vitest';
import { isToolProcess } from '../../../src/telemetry/preload/tool-process.ts';

test.each([
  '/usr/lib/node_modules/npm/bin/npm-cli.js',
  '/usr/lib/node_modules/npm/bin/npx-cli.js',
  '/usr/local/bin/npm',
  '/app/node_modules/npm/lib/cli/entry.js',
  '/app/.yarn/releases/yarn-4.5.0.cjs',
  '/root/.cache/node/corepack/v1/pnpm/9.0.0/bin/pnpm.cjs',
  '/app/node_modules/.bin/tsc',
  '/app/node_modules/typescript/lib/tsc.js',
  '/app/node_modules/.bin/nodemon',
  '/app/node_modules/.bin/tsx',
  '/app/node_modules/tsx/dist/cli.mjs',
  '/app/node_modules/esbuild/lib/main.js',
  'C:\\app\\node_modules\\.bin\\cross-env.js',
])('%s is a tool', (script) => {
  expect(isToolProcess(script, [])).toBe(true);
});

test.each([
  '/app/dist/server.js',
  '/app/server.mjs',
  '/app/node_modules/.bin/next',
  '/app/npm/server.js',
  '/home/yarn/app/index.js',
  undefined,
])('%s is a service', (script) => {
  expect(isToolProcess(script, ['--import', 'tsx'])).toBe(false);
});

test.each(['-p', '--print', '--check'])('node %s is not a service', (argument) => {
  expect(isToolProcess(undefined, [argument])).toBe(true);
});
