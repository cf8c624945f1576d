import { expect, test } from 'vitest';
import { portInUse } from '../../src/runner/start-failure.ts';

test.each([
  ['Error: listen EADDRINUSE: address already in use :::3000', 3000],
  ['Error: listen EADDRINUSE: address already in use 127.0.0.1:8080', 8080],
  ['[vite] Port 5173 is in use, trying another one...', 5173],
  ['ERROR:    [Errno 98] error while attempting to bind on address: [Errno 98] Address already in use', 0],
  ['panic: listen tcp [::]:9090: bind: address already in use', 9090],
  ['listening on http://localhost:3000', null],
])('reads which port is taken: %s', (line, port) => {
  expect(portInUse({ lastLines: ['starting', line, 'at Server.setupListenHandle (node:net:1811:16)'] })).toBe(
    port,
  );
});
