/** Clients of databases, asked by real services of real servers: which spans there are, and their names. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { traceTree } from '../../src/telemetry/trace-tree.ts';
import { outline, startFixture } from '../telemetry/recorded-service.ts';
import { type ServerProcess, startMariadb, startPostgres, startRedis } from './server-process.ts';

const folder = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Outlines of the traces of `pages`, by page. */
async function outlinesOf(fixture: string, server: ServerProcess, pages: readonly string[]) {
  await using service = await startFixture(fixture, {
    folder,
    environment: { DB_PORT: String(server.port) },
  });
  const traceIds = new Map<string, string>();
  for (const page of pages) traceIds.set(page, (await service.request(page)).traceId);
  const recording = await service.stop();
  return Object.fromEntries([...traceIds].map(([page, id]) => [page, outline(traceTree(recording, id))]));
}

test('pg: queries by verb and table, each with the wait for a connection of the pool', async () => {
  await using server = await startPostgres();
  const pages = ['/orders/1', '/orders', '/transaction', '/callback', '/fails'];
  const one = (query: string): string[] => ['  client pg-pool.connect', `  client pg.query ${query}`];
  expect(await outlinesOf('pg.mjs', server, pages)).toEqual({
    '/orders/1': ['server GET /orders/:id', ...one('SELECT orders')],
    '/orders': [
      'server GET /orders',
      ...one('SELECT orders'),
      ...Array.from({ length: 5 }, () => one('SELECT order_lines')).flat(),
    ],
    '/transaction': [
      'server GET /transaction',
      ...one('BEGIN'),
      '  client pg.query INSERT order_lines',
      '  client pg.query COMMIT',
    ],
    '/callback': ['server GET /callback', ...one('SELECT orders')],
    '/fails': ['server GET /fails', ...one('SELECT orders !_OTHER')],
  });
});

test('mysql2: callbacks, promises and prepared statements, whatever their values', async () => {
  await using server = await startMariadb();
  expect(
    await outlinesOf('mysql2.cjs', server, [
      '/callback/1',
      '/promise/1',
      '/prepared/1',
      '/written/1',
      '/fails',
    ]),
  ).toEqual({
    '/callback/1': ['server GET /callback/:id', '  client mysql SELECT orders'],
    '/promise/1': ['server GET /promise/:id', '  client mysql SELECT orders'],
    '/prepared/1': ['server GET /prepared/:id', '  client mysql SELECT orders'],
    '/written/1': ['server GET /written/:id', '  client mysql INSERT orders'],
    '/fails': ['server GET /fails', '  client mysql SELECT nothing !_OTHER'],
  });
  expect(await outlinesOf('mysql2.mjs', server, ['/users/root'])).toEqual({
    '/users/root': ['server GET /users/:id', '  client mysql SELECT user'],
  });
});

test('ioredis: commands by name, those of a transaction marked', async () => {
  await using server = await startRedis();
  expect(await outlinesOf('ioredis.mjs', server, ['/carts/1', '/multi/1', '/fails'])).toEqual({
    '/carts/1': ['server GET /carts/:id', '  client redis SET', '  client redis GET'],
    '/multi/1': [
      'server GET /multi/:id',
      '  client redis MULTI',
      '  client redis MULTI INCR',
      '  client redis MULTI EXPIRE',
      '  client redis EXEC',
    ],
    '/fails': ['server GET /fails', '  client redis SET', '  client redis INCR !ReplyError'],
  });
});

test('redis: commands by name, those of a transaction marked', async () => {
  await using server = await startRedis();
  expect(await outlinesOf('redis.cjs', server, ['/carts/1', '/multi/1', '/fails'])).toEqual({
    '/carts/1': ['server GET /carts/:id', '  client redis SET', '  client redis GET'],
    '/multi/1': ['server GET /multi/:id', '  client redis MULTI INCR', '  client redis MULTI INCR'],
    '/fails': ['server GET /fails', '  client redis SET', '  client redis INCR !Error'],
  });
});
