import { describe, expect, test } from 'vitest';
import { API_KIND, type EndedSpan } from '../../../src/telemetry/preload/ended-span.ts';
import { DERIVED_NAME, SpanNames } from '../../../src/telemetry/preload/span-names.ts';

function span(name: string, kind: keyof typeof API_KIND = 'internal', attributes: object = {}): EndedSpan {
  return {
    name,
    kind: API_KIND[kind],
    attributes: attributes as EndedSpan['attributes'],
    status: { code: 0 },
    events: [],
    startTime: [0, 0],
    duration: [0, 0],
    spanContext: () => ({ traceId: '', spanId: '' }),
  };
}

/** Name and whether it is derived. */
function nameOf(names: SpanNames, ended: EndedSpan): [string | undefined, boolean] {
  const id = names.idOf(ended);
  return [names.table.after(0).strings[(id & 0xffff) - 1], (id & DERIVED_NAME) !== 0];
}

describe('database spans', () => {
  test.each([
    [
      'pg.query:SELECT shop',
      'postgresql',
      { 'db.query.text': 'SELECT * FROM order_lines' },
      'pg.query SELECT order_lines',
    ],
    [
      'pg.query:find-order shop',
      'postgresql',
      { 'db.query.text': 'SELECT 1 FROM orders' },
      'pg.query SELECT orders',
    ],
    ['pg-pool.connect', 'postgresql', {}, 'pg-pool.connect'],
    ['SELECT', 'mysql', { 'db.query.text': 'SELECT * FROM orders' }, 'mysql SELECT orders'],
    ['SELECT\n*', 'mysql', { 'db.statement': 'SELECT\n* FROM orders' }, 'mysql SELECT orders'],
    [
      'prisma:engine:db_query',
      'postgresql',
      { 'db.query.text': 'SELECT "id" FROM "User"' },
      'prisma:engine:db_query SELECT User',
    ],
    ['SELECT orders', 'postgresql', { 'db.query.summary': 'SELECT orders' }, 'postgresql SELECT orders'],
    ['query', 'mssql', { 'db.query.text': '???' }, 'query'],
    ['get', 'redis', { 'db.operation.name': 'get', 'db.query.text': 'get k' }, 'redis GET'],
    ['get', 'redis', { 'db.operation.name': 'MULTI get' }, 'redis MULTI GET'],
    ['redis-GET', 'redis', { 'db.operation.name': 'GET' }, 'redis GET'],
    ['redis-connect', 'redis', {}, 'redis connect'],
    [
      'find orders',
      'mongodb',
      { 'db.operation.name': 'find', 'db.collection.name': 'orders' },
      'mongodb find orders',
    ],
    [
      'mongodb.find',
      'mongodb',
      { 'db.operation': 'find', 'db.mongodb.collection': 'orders' },
      'mongodb find orders',
    ],
  ])('%s of %s with %j', (name, system, attributes, expected) => {
    const names = new SpanNames();
    for (const key of ['db.system.name', 'db.system']) {
      expect(nameOf(names, span(name, 'client', { [key]: system, ...attributes }))).toEqual([
        expected,
        false,
      ]);
    }
  });

  test('have one name although every statement has a comment with a trace id', () => {
    const names = new SpanNames();
    for (let count = 0; count < 5; count += 1) {
      const text = `SELECT * FROM orders /*traceparent='00-${count}'*/`;
      expect(
        nameOf(
          names,
          span('pg.query:SELECT shop', 'client', { 'db.system': 'postgresql', 'db.query.text': text }),
        )[0],
      ).toBe('pg.query SELECT orders');
    }
    expect(names.table.size).toBe(1);
  });

  test('have one name although every statement is another text', () => {
    const names = new SpanNames();
    for (let count = 0; count < 10_000; count += 1) {
      const text = `SELECT * FROM orders WHERE id = ${count}`;
      names.idOf(span('SELECT', 'client', { 'db.system': 'mysql', 'db.query.text': text }));
    }
    expect(names.table.after(0).strings).toEqual(['mysql SELECT orders']);
  });
});

describe('http spans without a route', () => {
  test.each([
    ['server', { 'url.path': '/orders/17' }, 'GET /orders/:id'],
    ['server', { 'http.target': '/orders/17?page=2#top' }, 'GET /orders/:id'],
    ['client', { 'url.full': 'http://inventory.shop:8081/stock/17?x=1' }, 'GET inventory.shop/stock/:id'],
    ['client', { 'http.url': 'http://127.0.0.1:41234/stock' }, 'GET localhost/stock'],
    ['client', { 'url.full': 'https://user:secret@[::1]:41234' }, 'GET localhost/'],
    ['client', { 'url.full': 'http://10.11.12.13:80/a' }, 'GET (ip)/a'],
  ] as const)('%s %j', (kind, attributes, expected) => {
    expect(nameOf(new SpanNames(), span('GET', kind, attributes))).toEqual([expected, true]);
  });

  test('keep their name where there is no path, or where they have a route', () => {
    const names = new SpanNames();
    expect(nameOf(names, span('GET', 'server'))).toEqual(['GET', false]);
    expect(nameOf(names, span('GET', 'client', { 'url.full': 'nonsense' }))).toEqual(['GET', false]);
    expect(nameOf(names, span('GET /a', 'server', { 'url.path': '/a' }))).toEqual(['GET /a', false]);
    expect(nameOf(names, span('GET', 'internal', { 'url.path': '/a' }))).toEqual(['GET', false]);
  });

  test('share a name where their paths have no end', () => {
    const names = new SpanNames();
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    for (const first of letters) {
      for (const second of letters)
        names.idOf(span('GET', 'server', { 'url.path': `/pages/${first}${second}` }));
    }
    const strings = names.table.after(0).strings;
    expect(strings).toHaveLength(201);
    expect(strings.at(-1)).toBe('GET (other paths)');
    expect(names.overflowed).toBe(0);
  });
});

describe('all other spans', () => {
  test('keep their name', () => {
    expect(nameOf(new SpanNames(), span('price order'))).toEqual(['price order', false]);
  });

  test('share the overflow name from the thousandth name on, and are counted', () => {
    const names = new SpanNames();
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    for (const first of letters)
      for (const second of letters) for (const third of 'ab') names.idOf(span(first + second + third));
    expect(names.table.size).toBe(1_000);
    expect(names.overflowed).toBe(26 * 26 * 2 - 1_000);
    expect(names.idOf(span('zzb'))).toBe(0);
  });
});
