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

  test('has a template for each of two builds, and copies that of the build', async () => {
    await using database = await startOrderDatabase();
    const plan = async (name: string) => {
      await using client = await connectTo(`postgres://postgres@127.0.0.1:${database.port}/${name}`);
      const { rows } = await client.query('EXPLAIN SELECT * FROM order_lines WHERE order_id = 57');
      return JSON.stringify(rows);
    };
    const regression = { REGRESSION: 'dropped-index' };
    await database.script('migrate', 'spangate_template_b', regression);
    await database.script('seed', 'spangate_template_b', regression);
    await database.script('reset', 'spangate_i0', { SPANGATE_TEMPLATE: 'spangate_template_b' });
    await database.script('reset', 'spangate_i1', { SPANGATE_TEMPLATE: 'spangate_template' });
    expect(await plan('spangate_i0')).toContain('Seq Scan on order_lines');
    expect(await plan('spangate_i1')).toContain('Index Scan using order_lines_order_id_idx');
    expect(await database.script('state', 'spangate_i0')).toBe(await database.script('state', 'spangate_i1'));
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
