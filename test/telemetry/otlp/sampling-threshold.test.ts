import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OtlpInbox } from '../../../src/telemetry/otlp/inbox.ts';
import { adjustedCount, adjustedCountIn } from '../../../src/telemetry/otlp/sampling-threshold.ts';

// The table "1-in-N" of https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
test.each([
  ['aab', 3.0007326007326007],
  ['aaab', 3.00004577706569],
  ['aaaab', 3.0000028610256777],
  ['ccd', 5.001221001221001],
  ['cccd', 5.0000762951094835],
  ['ccccd', 5.0000047683761295],
  ['e', 8],
  ['e66', 9.990243902439024],
  ['e666', 9.99938968568813],
  ['e6666', 9.999961853172863],
  ['f', 16],
  ['fd71', 100.05496183206107],
  ['fd70a', 99.99771123402633],
  ['fd70a4', 100.00009536752259],
  ['ffbe7', 999.5958055290753],
  ['ffbe77', 1000.012874769029],
  ['ffbe76d', 1000.0016987352618],
  ['fff972', 9998.340882002383],
  ['fff9724', 9999.830725674266],
  ['fff97247', 9999.99370426336],
  ['ffff584', 100_013.21013412817],
  ['ffff583a', 99_999.238556461],
  ['ffff583a5', 99_999.96614643588],
  ['ffffef4', 1.0016248358208955e6],
  ['ffffef39', 999_992.38556461],
  ['ffffef391', 1.0000069374699865e6],
])('the threshold %s of the specification has the adjusted count %d', (threshold, count) => {
  const found = adjustedCount(`ot=th:${threshold}`);
  expect(Math.abs(found / count - 1)).toBeLessThan(1e-14);
});

test.each([
  ['ot=th:0', 1],
  ['ot=th:8', 2],
  ['ot=th:c', 4],
  ['ot=rv:0123456789abcd;th:c', 4],
  ['vendor=1, ot=th:c;rv:0123456789abcd', 4],
  ['ot=th:fd70a3d70a3d71', 100],
  ['ot=th:ffffffffffffff', 2 ** 56],
  ['', 1],
  ['vendor=th:c', 1],
  ['not=th:c', 1],
  ['ot=th:', 1],
  ['ot=th:C', 1],
  ['ot=th:0123456789abcde', 1],
  ['ot=rv:0123456789abcd', 1],
  ['ot=th:8,ot=th:c', 2],
  ['a=1,\tot=k:v;th:8 ,b=2', 2],
  ['ot=th', 1],
  ['ot=oth:8', 1],
  ['ot=th:8x', 1],
])('a span with the trace state "%s" stands for %d', (traceState, count) => {
  expect(adjustedCount(traceState)).toBeCloseTo(count, 6);
});

test('what the spans of a service stand for is known to the recording, from protobuf as from JSON', () => {
  const traceId = '5b8efff798038103d269b633813fc60c';
  const times = { startTimeUnixNano: '1544712660000000000', endTimeUnixNano: '1544712661000000000' };
  const spans = ['a', 'b', 'c'].map((digit, index) => ({
    ...{ traceId, spanId: digit.repeat(16), name: 'load order', kind: 1, ...times },
    ...(index < 2 && { traceState: 'ot=th:c' }),
  }));
  const inbox = new OtlpInbox();
  const bytes = new TextEncoder().encode(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  inbox.accept({ signal: 'traces', encoding: 'json', bytes });
  inbox.accept({ signal: 'traces', encoding: 'protobuf', bytes: protobufSpan('ot=th:8') });
  expect(inbox.spans().files()).toMatchObject([
    { rowCount: 4, adjustedCounts: Float64Array.from([4, 4, 1, 2]) },
  ]);
});

test('the adjusted count of any threshold is the one of exact arithmetic', () => {
  const thresholds = fc.bigInt({ min: 0n, max: (1n << 56n) - 1n });
  fc.assert(
    fc.property(thresholds, fc.boolean(), (threshold, isCut) => {
      const digits = threshold.toString(16).padStart(14, '0');
      const shown = isCut ? digits.replace(/0+$/, '') || '0' : digits;
      // As the specification computes it, maxth / float(maxth - threshold), with the difference taken exactly.
      expect(adjustedCount(`ot=th:${shown}`)).toBe(2 ** 56 / Number((1n << 56n) - threshold));
    }),
    { seed: 235, numRuns: 2000 },
  );
});

/** What the bytes are read as, written as a pattern. */
const PATTERN = /^(?:.*?,)?[ \t]*ot=(?:[^,;]*;)*?th:([^;, \t]*)/s;

test('any trace state is read as its pattern says, and nothing around it is looked at', () => {
  const pieces = fc.constantFrom('ot=', 'th:', 'rv:', ';', ',', ' ', '8', 'c', 'fd70a', 'x', 'C', 'vendor=1');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
      const text = parts.join('');
      // Only the first member `ot`, and the first `th` in it, count.
      const member = text.split(',').find((part) => /^[ \t]*ot=/.test(part)) ?? '';
      const threshold = PATTERN.exec(member)?.[1] ?? '';
      const count = /^[0-9a-f]{1,14}$/.test(threshold)
        ? 2 ** 56 / Number((1n << 56n) - BigInt(`0x${threshold.padEnd(14, '0')}`))
        : 1;
      const around = Buffer.from(`ot=th:c${text}h:8;ot=th:c`, 'latin1');
      expect(adjustedCount(text)).toBe(count);
      expect(adjustedCountIn(around, 7, 7 + text.length)).toBe(count);
    }),
    { seed: 236, numRuns: 5000 },
  );
});

/** One span with a trace state, written by hand: the SDK's own writer cannot be given one. */
function protobufSpan(traceState: string): Uint8Array {
  const bytes = (field: number, body: readonly number[]) => [(field << 3) | 2, body.length, ...body];
  const time = (field: number, low: number) => [(field << 3) | 1, low, 0, 0, 0, 0, 0, 0, 1];
  const span = [
    ...bytes(1, new Array<number>(16).fill(7)),
    ...bytes(2, new Array<number>(8).fill(9)),
    ...bytes(3, [...new TextEncoder().encode(traceState)]),
    ...bytes(5, [...new TextEncoder().encode('load order')]),
    ...time(7, 1),
    ...time(8, 2),
  ];
  return Uint8Array.from(bytes(1, bytes(2, bytes(2, span))));
}
