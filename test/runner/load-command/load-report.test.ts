import { expect, test } from 'vitest';
import { parseLoadReport, UnreadableReport } from '../../../src/runner/load-command/load-report.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

function plain(text: string): unknown {
  return Object.fromEntries(
    [...parseLoadReport(text)].map(([name, { errors, ...rest }]) => [
      name,
      { ...rest, errors: Object.fromEntries(errors) },
    ]),
  );
}

function refusalOf(text: string): string {
  try {
    parseLoadReport(text);
  } catch (error) {
    if (error instanceof UnreadableReport) return error.message;
    throw error;
  }
  return 'read';
}

test('counts messages, a line each', () => {
  const lines = [
    { operation: 'order', trace: TRACE, sentAt: 100.5, doneAt: 100.75 },
    { operation: 'order', latency: 0.5 },
    { operation: 'order', trace: `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`, failed: 'timeout' },
    { operation: 'order', failed: true },
    { operation: 'mail', failed: false },
  ];
  expect(plain(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)).toEqual({
    order: {
      sent: 4,
      errors: { timeout: 1, failed: 1 },
      latencies: [0.25, 0.5],
      messages: [
        { traceId: TRACE, sentAt: 100.5 },
        { traceId: TRACE, sentAt: null },
      ],
    },
    mail: { sent: 1, errors: {}, latencies: [], messages: [] },
  });
});

test('adds up sums of an operation, in lines as in an array', () => {
  const first = { operation: 'order', sent: 10, failed: 1, latencies: [0.1, 0.2], traces: [TRACE] };
  const second = { operation: 'order', sent: 5 };
  const expected = {
    order: {
      sent: 15,
      errors: { failed: 1 },
      latencies: [0.1, 0.2],
      messages: [{ traceId: TRACE, sentAt: null }],
    },
  };
  expect(plain(`${JSON.stringify(first)}\n${JSON.stringify(second)}`)).toEqual(expected);
  expect(plain(JSON.stringify([first, second], null, 2))).toEqual(expected);
});

test.each([
  ['', 'is empty'],
  ['[]', 'is empty'],
  ['all fine', 'is no JSON at line 1: "all fine"'],
  ['{"operation":"a"}\n{"operation":', 'is no JSON at line 2: "{\\"operation\\":"'],
  ['[{"operation":"a"}', 'is no JSON at the array: "[{\\"operation\\":\\"a\\"}"'],
  ['3', 'has something other than an object at line 1'],
  ['{"sent":3}', 'has no `operation`, the name of what was sent, at line 1'],
  ['{"operation":"a","count":3}', 'has the unknown key `count` at line 1'],
  ['{"operation":"a","sent":-1}', 'has a `sent` that is no whole number from 0 at line 1'],
  [
    '{"operation":"a","sent":1,"failed":2}',
    'has a `failed` that is no whole number from 0 to `sent` at line 1',
  ],
  ['{"operation":"a","sent":1,"latencies":[-1]}', 'has `latencies` that are no list of seconds at line 1'],
  ['{"operation":"a","sent":1,"traces":["x"]}', 'has a trace that is no trace id at line 1'],
  [
    '{"operation":"a","sent":1,"trace":"x"}',
    'has `sent` and `trace`, which is of a single message, at line 1',
  ],
  ['[{"operation":"a","traces":[]}]', 'has `traces` without `sent` at entry 1'],
  ['{"operation":"a","failed":3}', 'has a `failed` that is neither true or false nor a text at line 1'],
  ['{"operation":"a","trace":7}', 'has a `trace` that is no trace id of 32 hex digits at line 1'],
  [
    `{"operation":"a","trace":"${'0'.repeat(32)}"}`,
    'has a `trace` that is no trace id of 32 hex digits at line 1',
  ],
  ['{"operation":"a","sentAt":"now"}', 'has a `sentAt` that is no time in seconds since 1970 at line 1'],
  [
    '{"operation":"a","sentAt":5,"doneAt":4}',
    'has a `doneAt` that is no time in seconds since 1970 behind `sentAt` at line 1',
  ],
  ['{"operation":"a","latency":-1}', 'has a `latency` that is no number of seconds at line 1'],
])('refuses %s', (text, message) => {
  expect(refusalOf(text)).toBe(message);
});
