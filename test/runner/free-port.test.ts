import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { createPortPool, ephemeralStart, isFree } from '../../src/runner/free-port.ts';

test('ports of a run are distinct, and all have five digits', async () => {
  const pool = createPortPool();
  const ports = await Promise.all(Array.from({ length: 50 }, () => pool.take()));
  expect(new Set(ports).size).toBe(50);
  expect(ports.every((port) => port >= 10_000 && port <= 65_535)).toBe(true);
});

test.each(['127.0.0.1', '0.0.0.0', '::1'])(
  'a port that somebody listens on at %s is not given out',
  async (host) => {
    const server = createServer();
    const [taken, other] = await Promise.all([createPortPool().take(), createPortPool().take()]);
    await new Promise<void>((resolve) => server.listen(taken, host, resolve));
    expect(await isFree(taken)).toBe(false);
    // As a random source would that draws the taken port first.
    const draws = [taken, other].map((port) => (port - 10_000 + 0.5) / (ephemeralStart() - 10_000));
    const pool = createPortPool(() => draws.shift() ?? 0);
    expect(await pool.take()).toBe(other);
    await new Promise((resolve) => server.close(resolve));
    expect(await isFree(taken)).toBe(true);
  },
);

test('a pool in which every port is taken says so', async () => {
  const pool = createPortPool(() => 0.5);
  await pool.take();
  await expect(pool.take()).rejects.toMatchObject({ code: 'no-free-port' });
});
