import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/random.ts';
import type { RecordedFile } from '../../src/telemetry/chunk-reader.ts';
import { ROW, ROW_DOUBLES, ROW_WORDS } from '../../src/telemetry/recording-format.ts';
import { SpanTableBuilder } from '../../src/telemetry/span-table-builder.ts';
import { assembleTraces } from '../../src/telemetry/trace-assembly.ts';
import { DRAWN_RUN_TAG, type DrawnSpan, drawTable } from './drawn-spans.ts';

const QUERY = 'client:stock:query';

/** A request whose root calls `calls` queries of a service, each kept by a sampler of that threshold. */
function sampledTrace(
  serial: number,
  { calls, random, root, query, fails = 0 }: SampledRequest & { readonly random: number },
): DrawnSpan[] {
  const trace = { request: 0, serial };
  const first = serial * 100;
  const spans: DrawnSpan[] = [];
  const isKept = (threshold: number) => random >= threshold;
  if (isKept(root)) {
    spans.push({
      ...{ trace, id: first, parent: 'minted', name: 'GET /', kind: 'server', start: serial, duration: 0.9 },
      adjustedCount: 1 / (1 - root),
    });
  }
  for (let call = 0; call < calls && isKept(query); call += 1) {
    spans.push({
      ...{ trace, id: first + 1 + call, parent: first, name: 'query', kind: 'client', service: 'stock' },
      ...{ start: serial + call / 100, duration: 0.005 },
      ...(call < fails && { error: 'timeout' }),
      adjustedCount: 1 / (1 - query),
    });
  }
  return spans;
}

interface SampledRequest {
  readonly calls: number;
  readonly fails?: number;
  /** Shares that the samplers reject. */
  readonly root: number;
  readonly query: number;
}

function assembled(requests: number, request: SampledRequest, seed = 4) {
  const random = seededRandom(seed);
  const spans = Array.from({ length: requests }, (_, serial) =>
    sampledTrace(serial, { ...request, random: random() }),
  ).flat();
  const { requests: found } = assembleTraces(
    { spans: drawTable(spans) },
    { runTag: DRAWN_RUN_TAG, requests: 1, phase: 'measured' },
  );
  return { traces: found[0]?.traces ?? 0, query: found[0]?.spans.get(QUERY), edges: found[0]?.edges };
}

test('calls and errors of a service that samples a quarter of its spans are what was made', () => {
  const { traces, query, edges } = assembled(2000, { calls: 3, fails: 1, root: 0, query: 0.75 });
  expect(traces).toBe(2000);
  expect((query?.calls ?? 0) / traces).toBeCloseTo(3, 0);
  expect((query?.errors.timeout ?? 0) / (query?.calls ?? 1)).toBeCloseTo(1 / 3, 10);
  expect(query?.kept).toEqual({ calls: (query?.calls ?? 0) / 4, errors: (query?.errors.timeout ?? 0) / 4 });
  expect(query?.durations.length).toBe(query?.kept?.calls);
  expect(edges?.get('server:shop:GET /')?.get(QUERY)?.calls).toBe(query?.calls);
  // A trace has all of them or none.
  expect(query?.callsPerContent).toEqual(new Map([[0, 'varies']]));
});

test('calls of whole traces of which a quarter was kept are those of the traces that are here, and constant', () => {
  const { traces, query, edges } = assembled(2000, { calls: 3, root: 0.75, query: 0.75 });
  expect(traces).toBeGreaterThan(400);
  expect(traces).toBeLessThan(600);
  expect(query?.calls).toBe(traces * 3);
  expect(edges?.get('server:shop:GET /')?.get(QUERY)?.calls).toBe(traces * 3);
  expect(query?.callsPerContent).toEqual(new Map([[0, 3]]));
});

test('calls of a service that keeps more than the root does are right, and constant in each trace', () => {
  const { traces, query } = assembled(4000, { calls: 2, root: 0.75, query: 0.5 });
  expect((query?.calls ?? 0) / traces).toBeCloseTo(2, 0);
  expect(query?.callsPerContent).toEqual(new Map([[0, 2]]));
});

test('where nothing is sampled, counts are counts, and nothing is said of kept spans', () => {
  const { traces, query } = assembled(50, { calls: 3, root: 0, query: 0 });
  expect([traces, query?.calls, query?.kept]).toEqual([50, 150, undefined]);
});

test('the estimate of calls a request is right on the average, whatever the samplers are', () => {
  const share = fc.double({ min: 0, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), share, share, fc.nat(), (calls, root, query, seed) => {
      const { traces, query: found } = assembled(500, { calls, root, query }, seed);
      const estimate = (found?.calls ?? 0) / traces;
      // Six standard errors of the sums of the worse sampled of both, which has at least some 50 traces.
      expect(Math.abs(estimate / calls - 1)).toBeLessThan(6 / Math.sqrt(500 * (1 - Math.max(root, query))));
    }),
    { seed: 41, numRuns: 25 },
  );
});

test('an error that was seen is never rounded away', () => {
  const trace = { request: 0, serial: 1 };
  const root = { trace, id: 1, parent: 'minted', name: 'GET /', start: 0, duration: 1 } as const;
  const table = drawTable([
    { ...root, adjustedCount: 100 },
    { trace, id: 2, parent: 1, name: 'query', start: 0, duration: 0.1, error: 'timeout', adjustedCount: 1 },
  ]);
  const options = { runTag: DRAWN_RUN_TAG, requests: 1, phase: 'measured' } as const;
  const [request] = assembleTraces({ spans: table }, options).requests;
  expect(request?.spans.get('internal:shop:query')).toMatchObject({ calls: 1, errors: { timeout: 1 } });
});

test('adjusted counts stay with their spans when rows of several files are put together, and some left out', () => {
  const file = (ids: readonly number[], adjustedCounts?: readonly number[]): RecordedFile => {
    const rows = ids.map((id) => {
      const words = new Uint32Array(ROW_WORDS);
      new Float64Array(words.buffer, 0, ROW_DOUBLES)[ROW.duration] = 1;
      words[ROW.spanId + 1] = id;
      return new Uint8Array(words.buffer);
    });
    return {
      ...{ text: [], rows, rowCount: ids.length, dropped: 0, overflowed: 0, tornBytes: 0, closed: true },
      ...(adjustedCounts && { adjustedCounts: Float64Array.from(adjustedCounts) }),
    };
  };
  const files = [file([1, 2]), file([2, 3, 4], [5, 6, 7])];
  const builder = new SpanTableBuilder(files, { mayRepeat: true });
  for (const each of files) builder.add(each);
  const { spans } = builder.build();
  expect([...(spans.adjustedCounts ?? [])].slice(0, spans.count)).toEqual([1, 1, 6, 7]);
});
