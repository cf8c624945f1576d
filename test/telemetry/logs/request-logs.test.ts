import { expect, test } from 'vitest';
import type { LogRecord } from '../../../src/telemetry/logs/log-record.ts';
import { redactorOf } from '../../../src/telemetry/logs/redaction.ts';
import { assembleLogs, type LogAssemblyOptions } from '../../../src/telemetry/logs/request-logs.ts';
import { mintTraceId, type Phase } from '../../../src/telemetry/trace-id.ts';

const RUN = 0xabcd1234;
let serial = 0;

function trace(request = 0, phase: Phase = 'measured', instance = 1): string {
  serial += 1;
  return mintTraceId(RUN, { phase, instance, request, content: 0 }, serial);
}

function record(parts: Partial<LogRecord>): LogRecord {
  return {
    service: 'api',
    traceId: null,
    spanId: null,
    severity: 'error',
    body: 'failed',
    timeSeconds: 105,
    ...parts,
  };
}

function assemble(records: readonly LogRecord[], parts: Partial<LogAssemblyOptions> = {}) {
  return assembleLogs(
    {
      visit(visit) {
        for (const each of records) visit(each);
        return { dropped: 3, droppedBelowWarn: 2 };
      },
    },
    {
      ...{ runTag: RUN, requests: 2, phase: 'measured', instance: 1, window: { from: 100, to: 110 } },
      ...{ notable: [new Set(), new Set()], keep: 0, redact: redactorOf() },
      ...parts,
    },
  );
}

test('WARN and ERROR records are counted by request and service, and how many requests had one', () => {
  const twice = trace();
  const { requests, quality } = assemble([
    ...[
      record({ traceId: twice }),
      record({ traceId: twice, severity: 'fatal' }),
      record({ traceId: trace() }),
    ],
    ...[
      record({ traceId: trace(1), severity: 'warn', service: 'stock' }),
      record({ traceId: twice, severity: 'info' }),
    ],
  ]);
  expect(Object.fromEntries(requests[0]?.counts ?? [])).toEqual({
    api: { error: { records: 3, requests: 2 }, warn: { records: 0, requests: 0 } },
  });
  expect([...(requests[1]?.counts.keys() ?? [])]).toEqual(['stock']);
  expect(quality).toEqual({ records: 5, withoutTrace: 0, dropped: 3, droppedBelowWarn: 2 });
});

test('records of the warm-up, of another instance and of another run count for nothing', () => {
  const others = [trace(0, 'warm-up'), trace(0, 'measured', 2), `00000000${trace().slice(8)}`];
  expect(assemble(others.map((traceId) => record({ traceId }))).quality.records).toBe(0);
});

test('records that are severe and name no trace are counted, where they are of the measured stretch', () => {
  const times = [90, 105, null].map((timeSeconds) => record({ timeSeconds }));
  expect(assemble([...times, record({ severity: 'info' })]).quality.withoutTrace).toBe(2);
});

test('lines of notable traces are kept in the order of time, with secrets taken out', () => {
  const slow = trace();
  const { requests } = assemble(
    [
      record({ traceId: slow, timeSeconds: 105.5, body: 'password=hunter2', spanId: 'b7ad6b7169203331' }),
      record({ traceId: slow, timeSeconds: 105.25, body: 'begin', severity: 'info', service: 'stock' }),
      record({ traceId: trace(), body: 'another' }),
    ],
    { notable: [new Set([slow]), new Set()] },
  );
  expect(requests[0]?.lines).toEqual([
    {
      ...{ traceId: slow, spanId: null, service: 'stock', severity: 'info', body: 'begin' },
      time: '1970-01-01T00:01:45.250Z',
    },
    {
      ...{ traceId: slow, spanId: 'b7ad6b7169203331', service: 'api', severity: 'error' },
      ...{ body: 'password=[redacted]', time: '1970-01-01T00:01:45.500Z' },
    },
  ]);
});

test('lines of traces with an ERROR record are kept too, those before it as well', () => {
  const [first, second] = [trace(), trace()];
  const { requests } = assemble(
    [
      record({ traceId: first, severity: 'info', body: 'begin' }),
      ...[record({ traceId: first }), record({ traceId: second })],
    ],
    { keep: 1 },
  );
  expect(requests[0]?.lines.map(({ body }) => body)).toEqual(['begin', 'failed']);
});

test('lines are few and short, and an error takes the place of what was only said', () => {
  const chatty = trace();
  const said = Array.from({ length: 100 }, (_, at) =>
    record({ traceId: chatty, severity: 'info', body: 'x'.repeat(1000), timeSeconds: 100 + at / 100 }),
  );
  const { requests } = assemble([...said, record({ traceId: chatty, timeSeconds: 109 })], {
    notable: [new Set([chatty]), new Set()],
  });
  const lines = requests[0]?.lines ?? [];
  expect(lines.length).toBe(30);
  expect(lines.at(-1)?.body).toBe('failed');
  expect(Math.max(...lines.map(({ body }) => body.length))).toBe(500);
});

test('what would steer the terminal of a reader is left out', () => {
  const slow = trace();
  const { requests } = assemble([record({ traceId: slow, body: 'a\u001b[2Jb\r\nc\td' })], {
    notable: [new Set([slow]), new Set()],
  });
  expect(requests[0]?.lines[0]?.body).toBe('a[2Jb\nc\td');
});

test('all lines of an instance together have a limit', () => {
  const traces = Array.from({ length: 300 }, () => trace());
  const records = traces.map((traceId) => record({ traceId, body: 'x'.repeat(500) }));
  const { requests } = assemble(records, { notable: [new Set(traces), new Set()] });
  const characters = (requests[0]?.lines ?? []).reduce((sum, { body }) => sum + body.length, 0);
  expect(characters).toBeGreaterThan(60_000);
  expect(characters).toBeLessThan(66_100);
});
