/** The example of three services in two languages; `.ci/run` makes the virtual environment of its Python service. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatedExample } from '../examples/gated-example.ts';

let example: GatedExample;
beforeAll(() => {
  const rounds = {
    ...{ count: 1, instances: 1, duration: '2s', 'warm-up': '1s' },
    together: { instances: 3, duration: '8s', screen: 2, confirm: 2, budget: '8m', probe: false },
  };
  example = new GatedExample('shop', { rounds });
});
afterAll(() => example[Symbol.dispose]());

test('one trace crosses all three services, and each span keeps its service', () => {
  const { status, stderr, measurement } = example.measure();
  expect(status, stderr).toBe(0);
  const { quality, operations, processes } = measurement?.rounds[0]?.instances[0] ?? {};
  expect(quality?.requestsCompleted).toBeGreaterThan(50);
  expect(quality?.rootSpans).toBeGreaterThanOrEqual(0.99 * (quality?.requestsCompleted ?? 0));
  expect(quality).toMatchObject({ droppedSpans: 0, orphanSpans: 0 });
  expect(processes?.map(({ service }) => service)).toEqual(['inventory', 'orders', 'gateway']);
  expect(Object.keys(operations?.['get order']?.spans ?? {})).toEqual(
    expect.arrayContaining([
      'server:gateway:GET /orders/:id',
      'client:gateway:GET localhost/orders/:id',
      'server:orders:GET /orders/<int:number>',
      'client:orders:postgresql SELECT order_lines products',
      'internal:orders:price order',
      'client:orders:GET localhost/stock',
      'server:inventory:GET /stock',
      'client:inventory:pg.query SELECT stock',
    ]),
  );
  // A request that never comes to the Python service has no spans of it.
  const others = Object.keys(operations?.['get stock']?.spans ?? {});
  expect(others).toContain('server:inventory:GET /stock');
  expect(others.filter((id) => id.includes(':orders:'))).toEqual([]);
});

describe('the gate with two builds side by side', () => {
  test('passes the unchanged services', () => {
    const { status, stderr, stdout, failed } = example.ab('--env-b', 'UNUSED=1');
    expect(failed.map((row) => row.id)).toEqual([]);
    expect(status, `${stderr}\n${stdout}`).toBe(0);
  });

  test('names the span that became slower, and the Python service that it is of', () => {
    const { status, stderr, failed, stdout } = example.ab('--env-b', 'REGRESSION=slow-function');
    expect(status, stderr).toBe(1);
    expect(failed.map((row) => row.id)).toContain('get order | internal:orders:price order | p50');
    expect(stdout).toContain('price order · orders');
  });

  test('fails an N+1 of the Python service on the row of its calls', () => {
    const { status, stderr, failed } = example.ab('--env-b', 'REGRESSION=n-plus-one');
    expect(status, stderr).toBe(1);
    expect(failed.map((row) => row.id)).toContain(
      'get order | client:orders:postgresql SELECT products | calls',
    );
  });

  test('fails errors of the Python service where they happen, and where they are seen', () => {
    const { status, stderr, failed } = example.ab('--env-b', 'REGRESSION=errors');
    expect(status, stderr).toBe(1);
    const services = failed.filter((row) => /error/.test(row.quantity)).map((row) => row.span?.service);
    expect(services).toContain('orders');
  });
});
