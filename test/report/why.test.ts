import { describe, expect, it } from 'vitest';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import type { CallChange, Explanation, TimePart } from '../../src/compare/explanation.ts';
import type { SpanKey } from '../../src/measurement.ts';
import { exceptionLines } from '../../src/report/exception-lines.ts';
import { formatResult } from '../../src/report/format.ts';
import { escaped } from '../../src/report/html/html-text.ts';
import { plainText } from '../../src/report/phrase.ts';
import { viewOf } from '../../src/report/view.ts';
import { linesBesideRows, whyLines } from '../../src/report/why-lines.ts';
import { comparison, result, row, span } from './comparison-fixture.ts';

const OPERATION = 'GET /orders/:id';
const QUERY = span('pg.query SELECT order_lines', 'client');
const OTHER = span('GET /stock', 'server', 'inventory');

function part(key: SpanKey, shift: number, parts: Partial<TimePart> = {}): TimePart {
  return {
    ...{ span: key, baseline: 0.001, candidate: 0.001 + shift, shift, standardError: 0.00001 },
    ...{ calls: { baseline: 1, candidate: 1 }, byCalls: 0, byTimeOfCall: shift },
    ...parts,
  };
}

function explanation(parts: readonly TimePart[], more: Partial<Explanation> = {}): Explanation {
  const shift = parts.reduce((sum, each) => sum + each.shift, 0);
  return {
    operation: OPERATION,
    time: {
      ...{ by: 'critical-path', baseline: 0.01, candidate: 0.01 + shift, shift, parts },
      rest: { baseline: 0, candidate: 0, shift: 0 },
    },
    ...{ calls: [], errors: [], renames: [], distributions: [] },
    exemplars: { baseline: [], candidate: [] },
    ...more,
  };
}

const SLOWER = { verdict: 'regression', reason: 'slower', outcome: 'fail' } as const;
const client = (parts: Partial<Row> = {}) =>
  row({ quantity: 'p50', baseline: 0.01, candidate: 0.014, ...SLOWER, ...parts });
const cause = row({ quantity: 'p50', span: QUERY, candidate: 0.005, ...SLOWER });

function firstLine(rows: readonly Row[], why: Explanation, more: Partial<Comparison> = {}): string {
  return plainText(viewOf(result(comparison({ verdict: 'fail', rows, why: [why], ...more }))).headline);
}

describe('the first line', () => {
  it('names the span that the time went to, and the calls where those are more', () => {
    const more = part(QUERY, 0.0039, { calls: { baseline: 1, candidate: 11 }, byCalls: 0.0038 });
    expect(firstLine([client(), cause], explanation([more]))).toBe(
      'fail: GET /orders/:id p50 +4.0 ms (+40 %, 95 % interval +36 % to +44 %): orders-api > ' +
        'pg.query SELECT order_lines +3.90 ms (100 %), called 11 times a request instead of 1 (N+1)',
    );
  });

  it('names two causes in two services with their shares', () => {
    const line = firstLine([client(), cause], explanation([part(QUERY, 0.003), part(OTHER, 0.001)]));
    expect(line).toContain('order_lines +3.00 ms (75 %); inventory > GET /stock +1.00 ms (25 %)');
  });

  it('leaves out what is noise, small, or the other way', () => {
    const line = firstLine(
      [client(), cause],
      explanation([
        part(QUERY, 0.004),
        part(OTHER, 0.001, { standardError: 0.002 }),
        part(span('small'), 0.0001),
        part(span('faster'), -0.001),
      ]),
    );
    expect(line).toMatch(/order_lines \+4\.00 ms \(98 %\)$/);
  });

  it('leaves out what is doubtful beside a clear span that took most of the time', () => {
    const doubtful = part(OTHER, 0.0042, { standardError: 0.002 });
    const opposite = part(span('faster'), -0.004, { standardError: 0.003 });
    const clear = explanation([doubtful, part(QUERY, 0.004, { standardError: 0.001 }), opposite]);
    expect(firstLine([client(), cause], clear)).toMatch(
      /: orders-api > pg.query SELECT order_lines \+4\.00 ms \(95 %\)$/,
    );
    const less = explanation([part(QUERY, 0.001), part(OTHER, 0.003, { standardError: 0.0012 })]);
    expect(firstLine([client(), cause], less)).toContain('GET /stock +3.00 ms (75 %)');
  });

  describe('beside a span that took most of the time', () => {
    const beside = part(OTHER, 0.001, { baseline: 0.004, candidate: 0.005 });
    const median = row({ quantity: 'p50', span: OTHER, verdict: 'unchanged', outcome: 'none' });
    const tail = row({ quantity: 'p90', span: OTHER, ...SLOWER });
    const told = (rows: readonly Row[], why: Explanation = explanation([part(QUERY, 0.003), beside])) =>
      firstLine([client(), cause, ...rows], why).includes('GET /stock');

    it('leaves out one whose own median the gate found unchanged', () => {
      expect(told([median])).toBe(false);
      expect(told([])).toBe(true);
      expect(told([{ ...median, verdict: 'inconclusive' }])).toBe(true);
      expect(told([{ ...median, operation: 'GET /others' }])).toBe(true);
    });

    it('names it where its slow calls became slower, or its calls more', () => {
      expect(told([median, tail])).toBe(true);
      const more = row({ quantity: 'calls', span: OTHER, ...SLOWER });
      expect(told([median, more])).toBe(true);
    });

    it('names it where more of the same duration is waited for', () => {
      const awaited = part(OTHER, 0.001, { baseline: 0.001, candidate: 0.002 });
      expect(told([median], explanation([part(QUERY, 0.003), awaited]))).toBe(true);
      const serial: CallChange = {
        ...{ from: span(OPERATION, 'server'), to: OTHER, kinds: ['serial'] },
        ...{ calls: { baseline: 1, candidate: 1 }, retries: { baseline: 0, candidate: 0 } },
        overlapping: { baseline: 0.6, candidate: 0 },
      };
      expect(told([median], explanation([part(QUERY, 0.003), beside], { calls: [serial] }))).toBe(true);
    });

    it('names it where nothing made most of the change', () => {
      const even = explanation([part(QUERY, 0.001), beside, part(span('third'), 0.001)]);
      expect(told([median], even)).toBe(true);
    });
  });

  const said: readonly (readonly [string, Partial<TimePart>, string])[] = [
    [
      'a loop of new calls',
      { calls: { baseline: 0, candidate: 5.32 }, byCalls: 0.004 },
      ', new, called 5.32 times a request (N+1)',
    ],
    [
      'one new call',
      { calls: { baseline: 0, candidate: 1 }, byCalls: 0.004 },
      ', new, called once a request',
    ],
    [
      'twice as many calls',
      { calls: { baseline: 1, candidate: 2 }, byCalls: 0.004 },
      ', called 2 times a request instead of 1',
    ],
    ['slower calls', {}, ''],
    [
      'nothing of calls that became fewer while the time grew',
      { calls: { baseline: 10, candidate: 1 }, byCalls: -0.04, byTimeOfCall: 0.044 },
      '',
    ],
  ];
  it.each(said)('tells %s', (_, parts, text) => {
    const line = firstLine([client(), cause], explanation([part(QUERY, 0.004, parts)]));
    expect(line.endsWith(`+4.00 ms (100 %)${text}`)).toBe(true);
  });

  it('counts what it does not tell: errors and logs beside the time, and the other way round', () => {
    const failing = { verdict: 'regression', outcome: 'fail', baseline: 0, candidate: 0.2 } as const;
    const errors = row({ quantity: 'error-rate', reason: 'errors-increased', ...failing });
    const logs = row({
      quantity: 'error-logs',
      reason: 'errors-increased',
      service: 'orders-api',
      ...failing,
    });
    const why = explanation([part(QUERY, 0.004)]);
    expect(firstLine([client(), cause], why)).not.toContain('more');
    expect(firstLine([client(), cause, logs], why)).toMatch(/; and 1 more$/);
    expect(firstLine([cause, errors, logs, client({ explainedBy: cause.id })], why)).toMatch(/; and 2 more$/);
  });

  it('tells calls that run one after another now', () => {
    const serial: CallChange = {
      ...{
        from: span(OPERATION, 'server'),
        to: QUERY,
        kinds: ['serial'],
        calls: { baseline: 3, candidate: 3 },
      },
      ...{ overlapping: { baseline: 0.6, candidate: 0 }, retries: { baseline: 0, candidate: 0 } },
    };
    const line = firstLine([client(), cause], explanation([part(QUERY, 0.004)], { calls: [serial] }));
    expect(line).toMatch(/, one after another instead of side by side$/);
  });

  it('calls the part of the root span its own', () => {
    const root = { span: 'client:orders-api:pg.query SELECT order_lines', start: 0, duration: 1 };
    const trace = {
      operation: OPERATION,
      why: 'slow',
      traceId: 'a',
      startedAt: '',
      duration: 1,
      spans: [root],
    } as const;
    const why = explanation([part(QUERY, 0.004)], { exemplars: { baseline: [], candidate: [trace] } });
    expect(firstLine([client(), cause], why)).toContain('SELECT order_lines itself +4.00 ms');
  });

  const calls = row({
    ...{ quantity: 'calls', span: QUERY, baseline: 1, candidate: 11, verdict: 'regression', outcome: 'fail' },
    reason: 'calls-constant-changed',
  });
  const open = { verdict: 'inconclusive', reason: 'too-few-samples', outcome: 'none', effect: null } as const;
  const loop = explanation([part(QUERY, 0.004, { calls: { baseline: 1, candidate: 11 }, byCalls: 0.004 })]);

  it('tells the mean where a gate stopped for its calls before times were decided', () => {
    expect(firstLine([calls, client({ ...open, interval: null })], loop)).toMatch(
      /^fail: GET \/orders\/:id mean \+4\.0 ms: orders-api > pg\.query SELECT order_lines \+4\.00 ms \(100 %\), called 11/,
    );
  });

  const POOL = span('pg-pool.connect', 'internal');
  const pool = row({ ...calls, span: POOL, baseline: 2, candidate: 3 });
  const added = { calls: { baseline: 0, candidate: 1 }, byCalls: 0.003 };

  it('tells a call that is new, and of no limit, where one that comes with it fails by its count', () => {
    const why = explanation([part(QUERY, 0.0039, added), part(POOL, 0.0001)]);
    expect(firstLine([pool, client({ reason: 'screened', outcome: 'none' })], why)).toBe(
      'fail: GET /orders/:id p50 +4.0 ms (+40 %, 95 % interval +36 % to +44 %): orders-api > ' +
        'pg.query SELECT order_lines +3.90 ms (98 %), new, called once a request; calls of pg-pool.connect 2 -> 3',
    );
  });

  it.each<[string, TimePart]>([
    ['is of another service', part(OTHER, 0.004, added)],
    ['was there before', part(QUERY, 0.004)],
  ])('tells the count alone where what takes the time %s', (_, cause) => {
    expect(firstLine([pool, client({ outcome: 'none' })], explanation([cause]))).toMatch(
      /^fail: GET \/orders\/:id: calls of pg-pool\.connect/,
    );
  });

  it.each<[string, readonly Row[], Partial<Comparison>]>([
    ['times are turned off', [calls, client({ ...open, interval: null, level: 'off' })], {}],
    ['times are turned off, clear as they are', [calls, client({ level: 'off', outcome: 'none' })], {}],
    [
      'everything moved',
      [calls, client()],
      { warnings: [{ code: 'everything-moved', message: 'All rows moved.' }] },
    ],
    ['the operation became faster', [calls, client({ verdict: 'improvement', candidate: 0.009 })], {}],
  ])('tells the calls alone where %s', (_, rows, more) => {
    expect(firstLine(rows, loop, more)).toMatch(/^fail: GET \/orders\/:id: calls of pg\.query/);
  });
});

describe('the first line about errors', () => {
  const worse = { verdict: 'regression', reason: 'errors-increased', outcome: 'fail', p: 0.0005 } as const;
  const inside = row({ quantity: 'error-rate', span: QUERY, baseline: 0, candidate: 0.01, ...worse });
  const seen = row({
    quantity: 'error-rate',
    baseline: 0,
    candidate: 0.02,
    ...worse,
    explainedBy: inside.id,
  });
  const change = {
    ...{ span: QUERY, errorType: 'ECONNRESET' },
    ...{ share: { baseline: 0, candidate: 0.01 }, count: { baseline: 0, candidate: 47 } },
  };
  const failed = (message: string) => ({
    ...({ operation: OPERATION, why: 'error', traceId: 'e'.repeat(32), duration: 1 } as const),
    startedAt: '2026-03-05T09:30:10.000Z',
    spans: [
      {
        ...{ span: `client:${QUERY.service}:${QUERY.name}`, start: 0, duration: 1, errorType: 'ECONNRESET' },
        exception: { type: 'Error', message },
      },
    ],
  });
  const why = (message: string) =>
    explanation([], { errors: [change], exemplars: { baseline: [], candidate: [failed(message)] } });

  it('names the span that fails and what it says, and counts neither it nor those above as more', () => {
    expect(firstLine([seen, inside], why('read ECONNRESET'))).toBe(
      'fail: GET /orders/:id error rate 0 % -> 2 % (p = 0.0005): orders-api > pg.query SELECT order_lines ' +
        'ECONNRESET: read ECONNRESET',
    );
  });

  it('quotes the first line of a long message, as far as a line goes', () => {
    const line = firstLine([seen, inside], why(`${'x'.repeat(100)}\nmore`));
    expect(line.endsWith(`ECONNRESET: ${'x'.repeat(79)}…`)).toBe(true);
  });

  it('is about the span alone where no request failed for it', () => {
    expect(firstLine([inside], why('read ECONNRESET'))).toBe(
      'fail: GET /orders/:id > pg.query SELECT order_lines in orders-api: error rate 0 % -> 1 % (p = 0.0005), 8 instances each',
    );
  });
});

describe('the first line about what waits under concurrency', () => {
  const worse = { verdict: 'regression', reason: 'slower', outcome: 'fail', under: 'concurrency' } as const;
  const whole = row({
    ...{ quantity: 'throughput', operation: null, baseline: 450, candidate: 180, interval: null, ...worse },
    id: '- | - | throughput | concurrency',
  });
  const waiting = ['a', 'b', 'c'].map((operation) =>
    row({
      ...{ quantity: 'p50', operation, baseline: 0.01, candidate: 0.03, explainedBy: whole.id, ...worse },
      id: `${operation} | - | p50 | concurrency`,
    }),
  );
  const calm = row({
    ...{ quantity: 'p50', operation: 'd', under: 'concurrency', id: 'd | - | p50 | concurrency' },
  });
  const said =
    'fail: the whole load, under concurrency: throughput 450/s -> 180/s (-60 %, limit -25 %), 8 instances each: ' +
    '3 of 4 operations wait for one another';

  it('says how many operations wait', () => {
    expect(firstLine([whole, ...waiting, calm], explanation([]))).toBe(said);
  });

  it('names a call that is gone, since the process itself may wait for it now', () => {
    const gone = row({
      ...{ quantity: 'calls', operation: 'd', span: QUERY, baseline: 1, candidate: null, outcome: 'warn' },
      ...{ verdict: 'removed', reason: 'missing-span' },
    });
    expect(firstLine([whole, ...waiting, calm, gone], explanation([]))).toBe(
      `${said}; d does not call pg.query SELECT order_lines in orders-api any more`,
    );
  });
});

describe('the lines about calls, errors and names', () => {
  const edge = (kinds: CallChange['kinds'], to = QUERY): CallChange => ({
    ...{ from: span(OPERATION, 'server'), to, kinds, calls: { baseline: 1, candidate: 11 } },
    ...{ overlapping: { baseline: 0, candidate: 0 }, retries: { baseline: 0, candidate: 0.5 } },
  });

  it('say what happened to each call', () => {
    const lines = whyLines(explanation([], { calls: [edge(['more', 'serial', 'retried'])] }));
    expect(lines.map(plainText)).toEqual([
      'GET /orders/:id -> pg.query SELECT order_lines in orders-api: 1 -> 11 calls a request (more often, ' +
        'one after another, where they ran side by side, 0.5 retries a request instead of 0)',
    ]);
  });

  it('offer a rename instead of a call that is new and one that is gone', () => {
    const [from, to] = [span('a', 'client'), span('b', 'client')];
    const why = explanation([], {
      renames: [{ from, to }],
      calls: [edge(['gone'], from), edge(['new'], to)],
    });
    expect(whyLines(why).map(plainText)).toEqual([
      'a may be called b in orders-api now: same place, same calls, about the same time; ' +
        'if so, add to spangate.yml renames: { "a": "b" }',
    ]);
  });

  it('have the whole entry of a rename, in every format, since it is to be copied', () => {
    const long = (end: string) => span(`pg.query SELECT ${'order_lines '.repeat(12)}${end}`, 'client');
    const renames = [{ from: long('a'), to: long('b') }];
    const entry = `renames: { "${long('a').name}": "${long('b').name}" }`;
    const compared = result(
      comparison({
        ...{ verdict: 'fail', rows: [client(), cause] },
        why: [explanation([part(QUERY, 0.004)], { renames })],
      }),
    );
    expect(formatResult(compared, 'terminal').replace(/\s+/g, ' ')).toContain(entry);
    expect(formatResult(compared, 'markdown')).toContain(entry);
    expect(formatResult(compared, 'html')).toContain(escaped(entry));
  });

  it('name errors by their type, of spans and of the load client', () => {
    const errors = [
      {
        span: QUERY,
        errorType: 'ECONNRESET',
        share: { baseline: 0, candidate: 0.047 },
        count: { baseline: 0, candidate: 47 },
      },
      {
        span: null,
        errorType: '503',
        share: { baseline: 0.001, candidate: 0.02 },
        count: { baseline: 1, candidate: 20 },
      },
    ];
    expect(whyLines(explanation([], { errors })).map(plainText)).toEqual([
      'pg.query SELECT order_lines in orders-api: ECONNRESET in 4.7 % of its calls (47), none before',
      'the load client: 503 in 2 % of requests (20), 0.1 % before',
    ]);
  });

  it('quote what an error says, where a trace of it was kept', () => {
    const change = {
      ...{ span: QUERY, errorType: 'ECONNRESET' },
      share: { baseline: 0, candidate: 0.047 },
      count: { baseline: 0, candidate: 47 },
    };
    const id = `client:${QUERY.service}:${QUERY.name}`;
    const exception = { type: 'Error', message: 'read ECONNRESET' };
    const failed = {
      ...({ operation: OPERATION, why: 'error', traceId: 'e'.repeat(32), duration: 1 } as const),
      startedAt: '2026-03-05T09:30:10.000Z',
      spans: [
        { span: id, start: 0, duration: 1 },
        { span: id, start: 0, duration: 1, errorType: 'Other', exception: { type: '', message: 'another' } },
        { span: id, start: 0, duration: 1, errorType: 'ECONNRESET', exception },
      ],
    };
    const exemplars = { baseline: [], candidate: [failed] };
    expect(whyLines(explanation([], { errors: [change], exemplars })).map(plainText)).toEqual([
      'pg.query SELECT order_lines in orders-api: ECONNRESET in 4.7 % of its calls (47), none before; ' +
        'one says read ECONNRESET',
    ]);
    expect(exceptionLines(failed).map(plainText)).toEqual([
      'pg.query SELECT order_lines in orders-api: another',
      'pg.query SELECT order_lines in orders-api: Error: read ECONNRESET',
    ]);
  });

  it('leave out counts that a finding has told', () => {
    const told = row({ quantity: 'calls', span: QUERY, candidate: 11, verdict: 'regression' });
    const why = explanation([], { calls: [edge(['more'])] });
    expect(linesBesideRows(why, [told])).toEqual([]);
    expect(linesBesideRows(why, [])).toHaveLength(1);
  });
});
