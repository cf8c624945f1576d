import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayMatter, parseLogLine } from '../../../src/telemetry/logs/log-line.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const lines = readFileSync(new URL('lines.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const cases = lines.flatMap((line, at): [string, string][] =>
  at % 2 === 0 ? [[line, lines[at + 1] ?? '']] : [],
);

function summary(line: string): string {
  const record = parseLogLine(line, 'orders');
  if (record === null) return '=';
  expect(record.service).toBe('orders');
  return [record.severity, record.traceId, record.spanId, record.body].map((each) => each ?? '-').join(' ');
}

test.each(cases)('%s', (line, expected) => {
  expect(summary(line)).toBe(expected);
  if (expected !== '=' && !expected.startsWith('debug'))
    expect(mayMatter(line, TRACE.slice(0, 8))).toBe(true);
});

test.each([
  ['pino', '{"level":30,"time":1795852800250,"msg":"x"}'],
  ['zap', '{"level":"info","ts":1795852800.25,"msg":"x"}'],
  ['bunyan', '{"level":30,"time":"2026-11-28T08:00:00.250Z","msg":"x"}'],
  ['nanoseconds', '{"level":30,"time":1795852800250000000,"msg":"x"}'],
  ['a text', '2026-11-28T08:00:00.250Z INFO x'],
])('the time of %s is read', (_, line) => {
  expect(parseLogLine(line, 'orders')?.timeSeconds).toBeCloseTo(1_795_852_800.25, 3);
});

test('a service that Python knows by another name keeps it', () => {
  const line = `2026-11-28 08:00:00,250 ERROR [app] [app.py:17] [trace_id=${TRACE} span_id=b7ad6b7169203331 resource.service.name=shop trace_sampled=True] - x`;
  expect(parseLogLine(line, 'orders')?.service).toBe('shop');
});

/** What the reader looks for, so that random lines come near to it. */
const PIECES = [
  ...[
    '{"level":',
    '40',
    '"warn"',
    ',',
    '}',
    '"trace_id":',
    `"${TRACE}"`,
    'trace_id=',
    TRACE,
    '[',
    ']',
    ' - ',
    '"',
  ],
  ...[
    'ERROR',
    'level=',
    '\u001b[31m',
    '\u001b',
    'null',
    '{"mdc":',
    '"Scopes":[',
    '"err":{"message":',
    'ü',
    '\ud800',
  ],
];

test('any line is read without an error, and names a trace only by a whole id', () => {
  const texts = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' })), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(texts, (pieces) => {
      const record = parseLogLine(pieces.join(''), 'orders');
      if (record?.traceId) expect(record.traceId).toMatch(/^[0-9a-f]{32}$/);
    }),
    { seed: 20_261_128, numRuns: 20_000 },
  );
});

test('a body that is cut ends with a whole word', () => {
  const said = `ERROR ${'x'.repeat(4080)} `;
  expect(parseLogLine(`${said}AKIAIOSFODNN7EXAMPLE`, 'orders')?.body).toBe(`${said}…`);
  expect(
    parseLogLine(JSON.stringify({ level: 'error', msg: `${said}AKIAIOSFODNN7EXAMPLE` }), 'orders')?.body,
  ).toBe(`${said}…`);
});
