import { expect, test } from 'vitest';
import { assembleTraces } from '../../src/telemetry/trace-assembly.ts';
import { traceTree } from '../../src/telemetry/trace-tree.ts';
import { outline, RUN_TAG, startFixture } from './recorded-service.ts';

test('sees an Express service with the spans that it makes itself, in one tree', async () => {
  await using service = await startFixture('express.cjs');
  const first = await service.request('/orders/17');
  const second = await service.request('/orders/18');
  const recording = await service.stop();
  expect(outline(traceTree(recording, first.traceId))).toEqual([
    'server GET /orders/:id',
    '  internal load order',
    '    internal price order',
  ]);
  expect(outline(traceTree(recording, second.traceId))).toHaveLength(3);
  expect(recording.quality).toMatchObject({ droppedSpans: 0, tornBytes: 0, overflowSpans: 0 });
  expect(recording.processes).toMatchObject([{ service: 'fixture', threadId: 0, closed: true }]);
  const traces = assembleTraces(recording, { runTag: RUN_TAG, requests: 1, phase: 'measured' });
  expect(traces).toMatchObject({ spans: 6, rootSpans: 2, orphanSpans: 0 });
  expect([...(traces.requests[0]?.spans.keys() ?? [])].sort()).toEqual([
    'internal:fixture:load order',
    'internal:fixture:price order',
    'server:fixture:GET /orders/:id',
  ]);
});
