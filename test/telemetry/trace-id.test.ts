import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isMintedParent,
  mintSpanId,
  mintTraceId,
  parseTraceId,
  serialOf,
  type TraceOrigin,
  traceparent,
} from '../../src/telemetry/trace-id.ts';

const origin: fc.Arbitrary<TraceOrigin> = fc.record({
  phase: fc.constantFrom('login', 'warm-up', 'measured', 'probe'),
  instance: fc.nat(255),
  request: fc.nat(65_535),
  content: fc.nat(65_535),
});
const tag = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const serial = fc.nat(2 ** 31);

describe('a minted trace id', () => {
  test('says which request it belongs to', () => {
    fc.assert(
      fc.property(tag, origin, serial, (runTag, from, n) => {
        expect(parseTraceId(runTag, mintTraceId(runTag, from, n))).toEqual(from);
      }),
      { seed: 1 },
    );
  });

  test('makes a valid W3C traceparent with the sampled flag', () => {
    fc.assert(
      fc.property(tag, origin, serial, (runTag, from, n) => {
        const header = traceparent(mintTraceId(runTag, from, n));
        expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
        expect(header).not.toMatch(/-0{16}-/);
      }),
      { seed: 2 },
    );
  });

  test('is never given twice for different serials', () => {
    const from: TraceOrigin = { phase: 'measured', instance: 1, request: 2, content: 3 };
    const ids = new Set(Array.from({ length: 100_000 }, (_, n) => mintTraceId(99, from, n)));
    expect(ids.size).toBe(100_000);
  });

  test('tells its serial, which is the order of requests', () => {
    fc.assert(
      fc.property(tag, origin, serial, (runTag, from, n) => {
        const last = Number.parseInt(mintTraceId(runTag, from, n).slice(24), 16);
        expect(serialOf(runTag, last)).toBe(n);
      }),
      { seed: 3 },
    );
  });

  test('of another run is not ours', () => {
    const id = mintTraceId(1, { phase: 'measured', instance: 0, request: 0, content: 0 }, 0);
    expect(parseTraceId(2, id)).toBeNull();
    expect(parseTraceId(1, 'short')).toBeNull();
  });

  test('knows its own parent span', () => {
    const id = mintTraceId(1, { phase: 'measured', instance: 0, request: 0, content: 0 }, 5);
    expect(isMintedParent(id, mintSpanId(id))).toBe(true);
    expect(isMintedParent(id, '00f067aa0ba902b7')).toBe(false);
  });
});
