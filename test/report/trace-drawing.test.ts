import { describe, expect, it } from 'vitest';
import type { Exemplar } from '../../src/measurement.ts';
import { formatResult } from '../../src/report/format.ts';
import { plainText } from '../../src/report/phrase.ts';
import { sparklines, traceDrawing } from '../../src/report/trace-drawing.ts';
import { traceRows } from '../../src/report/trace-rows.ts';
import { result } from './comparison-fixture.ts';
import { explained } from './explained-fixture.ts';
import { expectGolden } from './golden.ts';

const TRACE: Exemplar = {
  operation: 'GET /a',
  why: 'slow',
  traceId: 'a'.repeat(32),
  startedAt: '2026-03-05T09:30:10.000Z',
  duration: 0.01,
  spans: [
    { span: 'server:shop:GET /a', start: 0, duration: 0.01 },
    { span: 'internal:shop:render', start: 0.001, duration: 0.008, parent: 0 },
    {
      span: 'client:shop:query',
      start: 0.002,
      duration: 0.004,
      parent: 1,
      status: 'error',
      errorType: 'Timeout',
    },
    { span: 'client:stock:count', start: 0.006, duration: 0.002, parent: 0 },
  ],
};

describe('a trace as text', () => {
  it('has a line a span, children below their parents, and marks what changed', () => {
    const lines = traceDrawing(TRACE, { until: 0.02, changed: new Set(['client:shop:query']) });
    expect(lines.map((line) => plainText(line))).toEqual([
      '  shop: GET /a                         █████████████               10.0 ms',
      '   shop: render                         ███████████                8.00 ms',
      '!   shop: query (Timeout)                 █████                    4.00 ms',
      '   stock: count                                ██                  2.00 ms',
    ]);
  });

  it('shows a circle of parents once, as an edited result may have one', () => {
    const spans = [
      { span: 'server:shop:a', start: 0, duration: 1 },
      { span: 'server:shop:b', start: 0, duration: 1, parent: 2 },
      { span: 'server:shop:c', start: 0, duration: 1, parent: 1 },
      { span: 'server:shop:d', start: 0, duration: 1, parent: 99 },
    ];
    expect(traceRows({ spans }).map(({ span }) => span.span)).toEqual(['server:shop:a', 'server:shop:d']);
  });
});

describe('a sparkline', () => {
  it('is as high as there are values, on one scale for both sides', () => {
    const at = [0.01, 0.25, 0.5, 0.75, 0.99];
    const shifts = { span: null, at, baseline: [1, 1.1, 1.2, 1.3, 2], candidate: [4, 4.4, 4.8, 5.2, 8] };
    const { baseline, candidate } = sparklines(shifts);
    expect(baseline).toHaveLength(40);
    expect(baseline.slice(0, 8)).toContain('█');
    expect(candidate.slice(20, 40).trim()).not.toBe('');
    expect(candidate.slice(0, 15).trim()).toBe('');
  });

  it('of values that are all alike is one column', () => {
    const shifts = { span: null, at: [0.1, 0.5, 0.9], baseline: [1, 1, 1], candidate: [1, 1, 1] };
    expect(sparklines(shifts).baseline.trim()).toHaveLength(1);
  });
});

it('--explain draws the distributions and the worst trace of both sides', () => {
  expectGolden(
    'together-explained.explain.txt',
    formatResult(result(explained()), 'terminal', { explain: true }),
  );
});
