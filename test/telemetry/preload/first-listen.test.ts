import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { onFirstListen } from '../../../src/telemetry/preload/first-listen.ts';

const NEVER = { patienceSeconds: 3600, isReady: () => false, lookSeconds: 0.001 };

test('a service has begun when it listens', async () => {
  let decisions = 0;
  onFirstListen(() => {
    decisions += 1;
  }, NEVER);
  expect(decisions).toBe(0);
  const server = createServer().listen(0, '127.0.0.1');
  expect(decisions).toBe(1);
  await once(server, 'listening');
  server.close();
});

test('a worker that never listens has begun when it is known to be ready', async () => {
  let looks = 0;
  const isReady = () => {
    looks += 1;
    return looks > 2;
  };
  await new Promise<void>((resolve) => {
    onFirstListen(resolve, { ...NEVER, isReady });
    // The looks alone keep no process alive.
    setTimeout(() => {}, 1000);
  });
  expect(looks).toBe(3);
});

test('a thread that nobody says anything of has begun after a while', async () => {
  await new Promise<void>((resolve) => {
    onFirstListen(resolve, { ...NEVER, patienceSeconds: 0.001 });
    setTimeout(() => {}, 1000);
  });
});
