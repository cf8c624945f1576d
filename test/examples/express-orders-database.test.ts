import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { connectTo, startDatabaseServer, startOrderDatabase } from './order-database.ts';

describe('the database of the example', () => {
  test('gives every instance the same state to start from, whatever the last round did', async () => {
    await using database = await startOrderDatabase();
    const template = await database.script('state', 'spangate_template');
    const url = await database.copy('spangate_i0');
    expect(await database.script('state', 'spangate_i0')).toBe(template);
    expect(JSON.parse(template)).toMatchObject({
      customers: { rows: 500 },
      products: { rows: 240 },
      orders: { rows: 6000 },
      order_lines: { rows: 30058 },
    });

    await using client = await connectTo(url);
    // The connection is cut by the next reset.
    client.on('error', () => {});
    await client.query('UPDATE stock SET quantity = quantity - 1 WHERE sku = $1', ['KIT-100']);
    expect(await database.script('state', 'spangate_i0')).not.toBe(template);
    await database.script('reset', 'spangate_i0');
    expect(await database.script('state', 'spangate_i0')).toBe(template);
  });

  test.for(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
    'leaves no server and no data behind after %s',
    async (signal) => {
      const { port, server } = await startDatabaseServer();
      const folder = await dataFolderOf(port);
      expect(existsSync(folder)).toBe(true);

      server.child.kill(signal);
      await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 10_000 });
      expect(await answers(port)).toBe(false);
      // Its output is closed by the last of its processes.
      expect(await server.stop()).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 0);
    },
  );
});

async function dataFolderOf(port: number): Promise<string> {
  await using client = await connectTo(`postgres://postgres@127.0.0.1:${port}/postgres`);
  client.on('error', () => {});
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  return rows[0]?.data_directory ?? '';
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
}
