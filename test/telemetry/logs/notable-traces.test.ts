import { expect, test } from 'vitest';
import { notableTraces } from '../../../src/telemetry/logs/notable-traces.ts';
import { OtlpSpan } from '../../../src/telemetry/otlp/otlp-span.ts';
import { SpanRows } from '../../../src/telemetry/otlp/span-rows.ts';
import { mintSpanId, mintTraceId, type Phase } from '../../../src/telemetry/trace-id.ts';
import { tableOf } from '../otlp/sdk-spans.ts';

const RUN = 0xabcd1234;

interface Draft {
  readonly request?: number;
  readonly phase?: Phase;
  readonly milliseconds: number;
  readonly fails?: boolean;
}

/** A root span for each, and a child that is as long as nobody asks for. */
function tableWith(drafts: readonly Draft[]) {
  const rows = new SpanRows();
  const recorder = rows.recorderOf({ service: 'api', pid: 1 });
  const ids = drafts.map(({ request = 0, phase = 'measured', milliseconds, fails }, serial) => {
    const traceId = mintTraceId(RUN, { phase, instance: 0, request, content: 0 }, serial);
    const add = (spanId: string, parentId: string, length: number, code: number) => {
      const span = new OtlpSpan();
      for (const [words, id] of [
        [span.traceId, traceId],
        [span.spanId, spanId],
        [span.parentId, parentId],
      ] as const) {
        for (let at = 0; at < words.length; at += 1)
          words[at] = Number.parseInt(id.slice(at * 8, at * 8 + 8), 16);
      }
      span.name = 'work';
      span.times[3] = length * 1e6;
      span.status.code = code;
      rows.add(recorder, span);
    };
    const root = `${serial + 1}`.padStart(16, '0');
    add(root, mintSpanId(traceId), milliseconds, 0);
    add(`${serial + 1}`.padStart(16, 'a'), root, 900, fails ? 2 : 0);
    return traceId;
  });
  return { ids, table: tableOf(rows.files()) };
}

const OPTIONS = { runTag: RUN, requests: 2, phase: 'measured', keep: 2 } as const;

test('the slowest by their root span, and those in which a span failed, of each request', () => {
  const { ids, table } = tableWith([
    { milliseconds: 1, fails: true },
    { milliseconds: 5 },
    { milliseconds: 9 },
    { milliseconds: 7 },
    { milliseconds: 3, request: 1 },
  ]);
  const [first, second] = notableTraces(table, OPTIONS);
  expect(first).toEqual(new Set([ids[0], ids[2], ids[3]]));
  expect(second).toEqual(new Set([ids[4]]));
});

test('the warm-up and other instances are left out, and with 0 all are', () => {
  const { table } = tableWith([{ milliseconds: 9, phase: 'warm-up' }, { milliseconds: 1 }]);
  expect(notableTraces(table, OPTIONS)[0]?.size).toBe(1);
  expect(notableTraces(table, { ...OPTIONS, instance: 1 })[0]?.size).toBe(0);
  expect(notableTraces(table, { ...OPTIONS, keep: 0 })[0]?.size).toBe(0);
});
