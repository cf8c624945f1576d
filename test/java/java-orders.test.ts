/** The Java example as a user gates it: the agent is brought by spangate. Needs a JDK, Maven and Maven Central. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatedExample } from '../examples/gated-example.ts';

let example: GatedExample;
beforeAll(() => {
  const rounds = {
    ...{ count: 1, instances: 1, duration: '3s', 'warm-up': 'auto', 'max-warm-up': '6s' },
    together: { instances: 2, duration: '5s', screen: 2, confirm: 4, budget: '8m', probe: false },
  };
  example = new GatedExample('java-orders', { rounds });
});
afterAll(() => example[Symbol.dispose]());

test('every request that was answered has its trace, and none of it is code of the service', () => {
  const { status, stderr, measurement } = example.measure();
  expect(status, stderr).toBe(0);
  const { quality, operations } = measurement?.rounds[0]?.instances[0] ?? {};
  expect(quality?.requestsCompleted).toBeGreaterThan(50);
  expect(quality?.rootSpans).toBeGreaterThanOrEqual(0.99 * (quality?.requestsCompleted ?? 0));
  expect(quality).toMatchObject({ droppedSpans: 0, orphanSpans: 0 });
  expect(Object.keys(operations?.['get order']?.spans ?? {}).sort()).toEqual([
    'client:orders:h2database SELECT lines products',
    'internal:orders:Pricing.price',
    'server:orders:GET /orders/',
  ]);
});

describe('the gate with two builds side by side', () => {
  test('passes the unchanged service', () => {
    const { status, stderr, stdout, failed } = example.ab('--env-b', 'UNUSED=1');
    expect(failed.map((row) => row.id)).toEqual([]);
    expect(status, `${stderr}\n${stdout}`).toBe(0);
  });

  test('fails an N+1 on the row of its calls', () => {
    const { status, stderr, failed } = example.ab('--env-b', 'REGRESSION=n-plus-one');
    expect(status, stderr).toBe(1);
    expect(failed.map((row) => row.id)).toContain(
      'get order | client:orders:h2database SELECT products | calls',
    );
  });

  test('fails a slower function, and names it', () => {
    const { status, stderr, stdout, failed, headline } = example.ab('--env-b', 'REGRESSION=slow-function');
    expect(status, `${stderr}\n${stdout}`).toBe(1);
    expect(failed.map((row) => row.id)).toContain('get order | internal:orders:Pricing.price | p50');
    expect(headline).toMatch(/^fail: get order .*Pricing\.price/);
  });

  test('fails errors', () => {
    const { status, stderr, failed } = example.ab('--env-b', 'REGRESSION=errors');
    expect(status, stderr).toBe(1);
    expect(failed.some((row) => row.operation === 'get order' && /error/.test(row.quantity))).toBe(true);
  });
});
