import { describe, expect, test } from 'vitest';
import { histogramOf } from '../../src/histogram.ts';
import type { Instance, OperationRecord } from '../../src/measurement.ts';
import {
  type CallsBySlot,
  type InstanceResult,
  mergeOperations,
  type OperationCalls,
} from '../../src/runner/merged-operations.ts';

const SPAN = 'client:orders:pg.query SELECT order_lines';
const OTHER = 'internal:orders:summarize';

describe('calls per request content, over all instances,', () => {
  test('are constant when every instance agrees, written as runs of slots', () => {
    const calls = merged([
      instance({ [SPAN]: slots([1, 1, 1, 2]) }, [0, 1, 2, 3]),
      instance({ [SPAN]: slots([1, 1, 1, 2]) }, [0, 1, 2, 3]),
    ]);
    expect(calls[SPAN]).toEqual({
      state: 'constant',
      traces: 8,
      runs: [
        [1, 3],
        [2, 1],
      ],
    });
  });

  test('vary when two instances disagree about one content', () => {
    const calls = merged([
      instance({ [SPAN]: slots([1, 1]) }, [0, 1]),
      instance({ [SPAN]: slots([1, 2]) }, [0, 1]),
    ]);
    expect(calls[SPAN]).toEqual({ state: 'varies', traces: 4 });
  });

  test('vary when they varied within one instance', () => {
    const calls = merged([instance({ [SPAN]: new Map([[0, 'varies' as const]]) }, [0])]);
    expect(calls[SPAN]).toEqual({ state: 'varies', traces: 1 });
  });

  test('are 0 in an instance that saw the content without the span, so they vary', () => {
    const calls = merged([instance({ [SPAN]: slots([1]) }, [0]), instance({ [OTHER]: slots([1]) }, [0])]);
    expect(calls[SPAN]).toEqual({ state: 'varies', traces: 2 });
  });

  test('are not known for a content that no instance saw', () => {
    const calls = merged([
      instance(
        {
          [SPAN]: new Map([
            [0, 1],
            [2, 1],
          ]),
        },
        [0, 2],
      ),
    ]);
    expect(calls[SPAN]).toEqual({
      state: 'constant',
      traces: 2,
      runs: [
        [1, 1],
        [null, 1],
        [1, 1],
      ],
    });
  });

  test('need not be seen by every instance for every content', () => {
    const calls = merged([
      instance({ [SPAN]: slots([1]) }, [0]),
      instance({ [SPAN]: new Map([[1, 1]]) }, [1]),
    ]);
    expect(calls[SPAN]).toEqual({ state: 'constant', traces: 2, runs: [[1, 2]] });
  });
});

test('histograms of all instances are added up', () => {
  const operations = mergeOperations([
    instance({ [SPAN]: slots([1]) }, [0]),
    instance({ [SPAN]: slots([1]) }, [0]),
  ]);
  expect(operations.list?.latency.count).toBe(2);
  expect(operations.list?.spans[SPAN]?.duration.count).toBe(2);
});

test('an operation without latency has an empty histogram, not one of zeros', () => {
  const result = instance({ [SPAN]: slots([1]) }, [0]);
  const { latency: _, ...withoutLatency } = result.instance.operations.list as OperationRecord;
  const failing = { ...result, instance: { ...result.instance, operations: { list: withoutLatency } } };
  expect(mergeOperations([failing]).list?.latency.count).toBe(0);
});

function merged(results: readonly InstanceResult[]) {
  const spans = mergeOperations(results).list?.spans ?? {};
  return Object.fromEntries(Object.entries(spans).map(([id, span]) => [id, span.callsPerContent]));
}

function slots(calls: readonly number[]): CallsBySlot {
  return new Map(calls.map((count, slot) => [slot, count]));
}

/** One instance with one operation, `list`, and a trace for each of the slots. */
function instance(spans: Record<string, CallsBySlot>, seen: readonly number[]): InstanceResult {
  const histogram = histogramOf([0.001]);
  const distribution = {
    count: 1,
    sum: 0.001,
    min: 0.001,
    max: 0.001,
    p50: 0.001,
    p90: 0.001,
    p95: 0.001,
    p99: 0.001,
  };
  const record: OperationRecord = {
    requests: seen.length,
    errors: {},
    latency: { ...distribution, histogram },
    spans: Object.fromEntries(
      Object.keys(spans).map((id) => [
        id,
        { calls: 1, errors: {}, duration: { ...distribution, histogram } },
      ]),
    ),
  };
  const calls: OperationCalls = {
    traces: seen.length,
    slots: new Set(seen),
    spans: new Map(Object.entries(spans)),
  };
  return {
    instance: { operations: { list: record } } as unknown as Instance,
    calls: new Map([['list', calls]]),
  };
}
