import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { validate } from '../../src/schema.ts';
import { listen } from '../runner/load/listening-server.ts';
import { EXAMPLE, runNode, startNode } from './node-process.ts';
import { connectTo, type OrderDatabase, startOrderDatabase, statementsOf } from './order-database.ts';
import { type OrderService, startOrderService } from './order-service.ts';

let database: OrderDatabase;
/** A database that the tests only read from. */
let readOnly: string;
let startingState: string;
let copies = 0;
beforeAll(async () => {
  database = await startOrderDatabase();
  readOnly = await freshDatabase();
  startingState = await database.script('state', 'spangate_template');
});
afterAll(() => database[Symbol.asyncDispose]());

const freshDatabase = () => database.copy(`spangate_i${copies++}`);

describe('the order service', () => {
  test('lists orders page by page, newest first', async () => {
    await using service = await startOrderService(readOnly);
    const first = await service.get('/orders');
    expect(first.body).toHaveLength(10);
    expect(first.body).toHaveProperty('0.id', 6000);
    expect(first.body).toHaveProperty('9.id', 5991);
    expect((await service.get('/orders?page=600')).body).toHaveLength(10);
    expect(await service.get('/orders?page=0')).toMatchObject({ status: 400 });
  });

  test('shows an order with its lines by two queries, however many lines it has', async () => {
    await using service = await startOrderService(readOnly);
    const statements = await statementsOf(database, readOnly, async () => {
      const { body } = await service.get('/orders/57');
      expect(body).toMatchObject({ id: 57, customer: 'Soren Duarte', totalCents: 436875 });
      expect(body).toHaveProperty('lines.length', 7);
      expect(body).toHaveProperty('lines.0', {
        sku: 'OFF-156',
        name: 'Ash Wall Planner',
        category: 'office',
        quantity: 12,
        unitPriceCents: 1769,
      });
    });
    expect(statements).toEqual(['order-by-id', 'order-lines']);
    expect(await service.get('/orders/999999')).toMatchObject({ status: 404 });
  });

  test('looks a product up once and then has it in memory', async () => {
    await using service = await startOrderService(readOnly);
    const statements = await statementsOf(database, readOnly, async () => {
      const first = await service.get('/products/KIT-100');
      expect(first.body).toMatchObject({ name: 'Ash Bread Knife', priceCents: 8129 });
      expect(await service.get('/products/KIT-100')).toEqual(first);
    });
    expect(statements).toEqual(['product-by-sku']);
    expect(await service.get('/products/KIT-999')).toMatchObject({ status: 404 });
  });

  test('sums up what a customer bought, in a span of its own', async () => {
    const printer = fileURLToPath(new URL('fixtures/print-spans.mjs', import.meta.url));
    await using service = await startOrderService(readOnly, {}, ['--import', printer]);
    const { body } = await service.get('/customers/7/summary');
    expect(body).toMatchObject({ customer: 'Fatou Okafor', orders: 14, gross: '€25,582.28' });
    await service.process.printed(/^span summarize$/m);
  });

  test('takes an order in one transaction', async () => {
    const url = await freshDatabase();
    await using service = await startOrderService(url);
    const order = {
      customerId: 3,
      key: 'a',
      lines: [
        { sku: 'KIT-100', quantity: 2 },
        { sku: 'GAR-101', quantity: 1 },
      ],
    };
    const statements = await statementsOf(database, url, async () => {
      expect(await service.post('/orders', order)).toEqual({
        status: 201,
        location: '/orders/6001',
        body: { id: 6001, totalCents: 19657 },
      });
    });
    expect(statements).toEqual([
      'BEGIN',
      'stock-for-update',
      'insert-order',
      'insert-lines',
      'take-stock',
      'COMMIT',
    ]);
    expect((await service.get('/orders/6001')).body).toMatchObject({
      lines: [{ name: 'Ash Bread Knife' }, { quantity: 1 }],
    });
  });

  test('has a payment authorised by the provider, which takes ten milliseconds', async () => {
    await using provider = startNode(['payments/start.js'], { PORT: '0' });
    const [, port] = await provider.printed(/listens on 127\.0\.0\.1:(\d+)/);
    const url = await freshDatabase();
    await using service = await startOrderService(url, { PAYMENTS_URL: `http://127.0.0.1:${port}` });
    const began = performance.now();
    const order = { customerId: 3, key: 'paid', lines: [{ sku: 'KIT-100', quantity: 1 }] };
    expect(await service.post('/orders', order)).toMatchObject({ status: 201 });
    expect(performance.now() - began).toBeGreaterThan(9);
  });

  test('takes no order whose payment is refused', async () => {
    const asked: string[] = [];
    await using provider = await listen(async (request, response) => {
      for await (const piece of request.setEncoding('utf8')) asked.push(piece);
      response.writeHead(402).end();
    });
    await using service = await startOrderService(readOnly, { PAYMENTS_URL: provider.url });
    const order = { customerId: 3, key: 'unpaid', lines: [{ sku: 'KIT-100', quantity: 2 }] };
    expect(await service.post('/orders', order)).toMatchObject({ status: 402 });
    expect(asked.map((text) => JSON.parse(text))).toEqual([
      { customerId: 3, reference: 'unpaid', amountCents: 16258 },
    ]);
    const name = new URL(readOnly).pathname.slice(1);
    expect(await database.script('state', name)).toBe(startingState);
  });

  test.for([
    ['the same key again', 409, { key: 'seed-1' }],
    ['more than is in stock', 409, { lines: [{ sku: 'KIT-100', quantity: 2_000_000 }] }],
    ['a product that does not exist', 422, { lines: [{ sku: 'KIT-999', quantity: 1 }] }],
    ['a customer who does not exist', 422, { customerId: 501 }],
    ['no lines', 400, { lines: [] }],
  ] as const)('refuses an order with %s and changes nothing', async ([, status, part]) => {
    await using service = await startOrderService(readOnly);
    const order = { customerId: 3, key: 'a', lines: [{ sku: 'KIT-100', quantity: 1 }], ...part };
    expect(await service.post('/orders', order)).toMatchObject({ status });
    const name = new URL(readOnly).pathname.slice(1);
    expect(await database.script('state', name)).toBe(startingState);
  });

  test('counts the stock by a timer, outside any request', async () => {
    await using service = await startOrderService(readOnly, { STOCK_REFRESH_SECONDS: '0.02' });
    await vi.waitFor(async () => {
      const { body } = await service.get('/stock');
      expect(body).toMatchObject({
        warehouses: [{ warehouse: 'Antwerp' }, { warehouse: 'Graz' }, { warehouse: 'Lyon' }],
      });
    });
  });

  test('serves ten requests at once by ten connections', async () => {
    await using service = await startOrderService(readOnly);
    await using client = await connectTo(readOnly);
    await using holder = await connectTo(readOnly);
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE orders');
    const answers = tenOrders(service);
    await vi.waitFor(async () => expect(await connectionsOfService(client)).toBe(10));
    await holder.query('COMMIT');
    expect((await Promise.all(answers)).map((answer) => answer.status)).toEqual(Array(10).fill(200));
  });

  test('is ready without a database, and then says what is wrong by a status', async () => {
    await using service = await startOrderService('postgres://postgres@127.0.0.1:1/nowhere');
    expect(await service.get('/healthz')).toMatchObject({ status: 200 });
    expect(await service.get('/orders')).toMatchObject({ status: 500 });
  });

  test('answers the request under way before it ends on SIGTERM', async () => {
    const url = await freshDatabase();
    await using service = await startOrderService(url);
    await using client = await connectTo(url);
    await client.query('BEGIN');
    await client.query(`SELECT * FROM stock WHERE sku = 'KIT-100' FOR UPDATE`);
    const answer = service.post('/orders', {
      customerId: 3,
      key: 'a',
      lines: [{ sku: 'KIT-100', quantity: 1 }],
    });
    await vi.waitFor(async () => {
      const { rowCount } = await client.query(`SELECT FROM pg_locks WHERE NOT granted`);
      expect(rowCount).toBe(1);
    });

    const ended = service.process.stop();
    await client.query('COMMIT');
    expect(await answer).toMatchObject({ status: 201 });
    expect(await ended).toBe(0);
  });
});

describe('a regression on request', () => {
  test('slow-function prices three lines in five twice', async () => {
    const { summarize } = await importPart('summary.js');
    const { REGRESSIONS } = await importPart('regressions.js');
    const regressed = await REGRESSIONS['slow-function'].change();
    expect(linesPriced(summarize)).toBe(50);
    expect(linesPriced(regressed.summarize)).toBe(80);
  });

  test('n-plus-one gives the same answer by a query for each line', async () => {
    await using before = await startOrderService(readOnly);
    await using after = await startOrderService(readOnly, { REGRESSION: 'n-plus-one' });
    const answer = await before.get('/orders/57');
    const statements = await statementsOf(database, readOnly, async () => {
      expect(await after.get('/orders/57')).toEqual(answer);
    });
    expect(statements).toEqual(['order-by-id', 'order-lines', ...Array(7).fill('line-product')]);
  });

  test('dropped-index makes the database read all lines for the lines of one order', async () => {
    const url = await freshDatabase();
    await using client = await connectTo(url);
    const plan = async () => {
      const { rows } = await client.query('EXPLAIN SELECT * FROM order_lines WHERE order_id = 57');
      return JSON.stringify(rows);
    };
    expect(await plan()).toContain('Index Scan using order_lines_order_id_idx');
    await using service = await startOrderService(url, { REGRESSION: 'dropped-index' });
    expect(await plan()).toContain('Seq Scan on order_lines');
    expect(await service.get('/orders/57')).toMatchObject({ status: 200 });
  });

  test('slow-query gives the same page, joined before it is cut', async () => {
    await using before = await startOrderService(readOnly);
    await using after = await startOrderService(readOnly, { REGRESSION: 'slow-query' });
    const page = await before.get('/orders?page=20');
    const statements = await statementsOf(database, readOnly, async () => {
      expect(await after.get('/orders?page=20')).toEqual(page);
    });
    expect(statements).toEqual(['orders-page']);
    const { REGRESSIONS } = await importPart('regressions.js');
    const { createOrders } = await importPart('orders.js');
    const last = await Promise.all(
      [createOrders, async (pool: object) => (await REGRESSIONS['slow-query'].change({ pool })).orders].map(
        lastStepOfPage,
      ),
    );
    expect(last).toEqual(['Sort', 'Limit']);
  });

  test('new-lock lets an order wait for another one that has nothing in common with it', async () => {
    const url = await freshDatabase();
    await using before = await startOrderService(url);
    await using after = await startOrderService(url, { REGRESSION: 'new-lock' });
    await using holder = await connectTo(url);
    await holder.query('BEGIN');
    await holder.query(`SELECT * FROM stock WHERE sku = 'KIT-100' FOR UPDATE`);
    const order = (key: string) => ({ customerId: 3, key, lines: [{ sku: 'GAR-101', quantity: 1 }] });
    expect(await before.post('/orders', order('a'))).toMatchObject({ status: 201 });
    const answer = after.post('/orders', order('b'));
    await vi.waitFor(async () => {
      const { rowCount } = await holder.query('SELECT FROM pg_locks WHERE NOT granted');
      expect(rowCount).toBe(1);
    });
    await holder.query('COMMIT');
    expect(await answer, after.process.output()).toMatchObject({ status: 201 });
  });

  test('errors fails one look at an order in a hundred', async () => {
    await using service = await startOrderService(readOnly, { REGRESSION: 'errors' });
    const statuses: number[] = [];
    for (let id = 1; id <= 200; id += 1) statuses.push((await service.get(`/orders/${id}`)).status);
    expect(statuses.filter((status) => status !== 200)).toEqual([500, 500]);
  });

  test('no-cache looks a product up each time', async () => {
    await using service = await startOrderService(readOnly, { REGRESSION: 'no-cache' });
    const statements = await statementsOf(database, readOnly, async () => {
      for (let i = 0; i < 3; i += 1) await service.get('/products/KIT-100');
    });
    expect(statements).toEqual(Array(3).fill('product-by-sku'));
  });

  test.for(['pool-of-one', 'global-mutex'])(
    '%s serves ten requests at once by one connection',
    async (name) => {
      await using service = await startOrderService(readOnly, { REGRESSION: name });
      await using client = await connectTo(readOnly);
      const answers = await Promise.all(tenOrders(service));
      expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
      expect(await connectionsOfService(client)).toBe(1);
    },
  );

  test('blocked-loop answers nobody while it waits for a payment', async () => {
    const url = await freshDatabase();
    await using service = await startOrderService(url, { REGRESSION: 'blocked-loop' });
    const order = { customerId: 3, lines: [{ sku: 'KIT-100', quantity: 1 }] };
    const began = performance.now();
    const answers = ['a', 'b', 'c', 'd'].map((key) => service.post('/orders', { ...order, key }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(4).fill(201));
    expect(performance.now() - began).toBeGreaterThan(40);
  });

  test('that does not exist is refused with a list of those that do', async () => {
    const started = runNode(['src/server.js'], {
      DATABASE_URL: 'postgres://127.0.0.1/x',
      REGRESSION: 'errors,n+1',
    });
    await expect(started).rejects.toThrow(
      'there is no regression n+1: use slow-function, n-plus-one, dropped-index',
    );
  });
});

describe('the configuration of the example', () => {
  test.for(['spangate.yml', 'spangate.demo.yml'])('%s follows the schema', (file) => {
    expect(validate('config', readConfig(file))).toEqual([]);
  });

  test('differs for the demonstration in nothing but rounds and the place of the baseline', () => {
    const { rounds, baseline, ...rest } = readConfig('spangate.yml');
    const { rounds: shortRounds, baseline: other, ...demo } = readConfig('spangate.demo.yml');
    expect(demo).toEqual(rest);
    expect(other).not.toEqual(baseline);
    expect(shortRounds).toMatchObject({ count: 3, duration: '2s' });
  });
});

function tenOrders(service: OrderService) {
  return Array.from({ length: 10 }, (_, i) => service.get(`/orders/${i + 1}`));
}

async function connectionsOfService(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::integer FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'express-orders'`,
  );
  return rows[0]?.count;
}

function readConfig(file: string): Record<string, unknown> {
  return parse(readFileSync(`${EXAMPLE}${file}`, 'utf8'));
}

/** The example is plain JavaScript, without types. */
function importPart(file: string) {
  return import(pathToFileURL(`${EXAMPLE}src/${file}`).href);
}

/** What the database does last for a page of orders. */
async function lastStepOfPage(create: (pool: object) => { page(page: number): Promise<unknown> }) {
  const texts: string[] = [];
  const pool = {
    query({ text }: { text: string }) {
      texts.push(text);
      return { rows: [] };
    },
  };
  await (await create(pool)).page(20);
  await using client = await connectTo(readOnly);
  const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${texts[0]?.replace('$1', '190')}`);
  return rows[0]['QUERY PLAN'][0].Plan['Node Type'];
}

/** How many lines a summary of 50 lines prices: pricing a line reads its date, and nothing else does. */
function linesPriced(summarize: (customer: object, purchases: readonly object[]) => unknown): number {
  let reads = 0;
  const purchases = Array.from({ length: 50 }, (_, i) => ({
    orderId: i,
    get placedAt() {
      reads += 1;
      return new Date('2025-05-05T00:00:00Z');
    },
    name: 'Ash Kettle',
    category: 'kitchen',
    weightGrams: 900,
    quantity: 1 + i,
    unitPriceCents: 3900,
  }));
  summarize({ name: 'Ada Weber', tier: 'gold', country: 'AT' }, purchases);
  return reads;
}
