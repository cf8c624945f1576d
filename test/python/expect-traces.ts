/** What an example of python-orders shows, whatever its framework is called and its spans are sent by. */
import { expect } from 'vitest';
import type { GatedExample } from '../examples/gated-example.ts';

/** Every request that was answered has its trace, with the spans below its server span. */
export function expectTraces(example: GatedExample, scenario: string, route: string): void {
  const { status, stderr, measurement } = example.measure('--scenario', scenario);
  expect(status, stderr).toBe(0);
  const { quality, operations } = measurement?.rounds[0]?.instances[0] ?? {};
  expect(quality?.requestsCompleted).toBeGreaterThan(50);
  expect(quality?.rootSpans).toBeGreaterThanOrEqual(0.99 * (quality?.requestsCompleted ?? 0));
  expect(quality).toMatchObject({ droppedSpans: 0, orphanSpans: 0 });
  expect(Object.keys(operations?.['get order']?.spans ?? {})).toEqual(
    expect.arrayContaining([
      `server:orders:${route}`,
      'client:orders:sqlite SELECT lines products',
      'internal:orders:price order',
    ]),
  );
}
