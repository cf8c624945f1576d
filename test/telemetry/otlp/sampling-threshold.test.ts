import { expect, test } from 'vitest';
import { OtlpInbox } from '../../../src/telemetry/otlp/inbox.ts';
import { adjustedCount } from '../../../src/telemetry/otlp/sampling-threshold.ts';

// Values of https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
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
  expect(inbox.spans().files()).toMatchObject([{ rowCount: 4, made: 4 + 4 + 1 + 2 }]);
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
