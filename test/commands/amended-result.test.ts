import { describe, expect, test } from 'vitest';
import { type AcceptanceClaim, amendedResult } from '../../src/commands/amended-result.ts';
import type { GateResult } from '../../src/compare/comparison.ts';
import type { EarlierFailure } from '../../src/compare/earlier-attempts.ts';
import { exitCodeOf } from '../../src/gate.ts';
import { FORMATS, formatResult } from '../../src/report/format.ts';
import { conforms } from '../../src/schema.ts';
import { comparison, result, row, span } from '../report/comparison-fixture.ts';

const query = span('SELECT orders', 'client');
const SLOWER = row({
  quantity: 'p50',
  verdict: 'regression',
  reason: 'slower',
  outcome: 'fail',
  candidate: 0.002,
});
const LOOP = row({
  quantity: 'calls',
  span: query,
  verdict: 'regression',
  reason: 'calls-constant-changed',
  outcome: 'fail',
  candidate: 11,
});
const QUIET = row({ quantity: 'p90' });

const RED = result(comparison({ verdict: 'fail', mode: 'together', rows: [SLOWER, LOOP, QUIET] }));
const GREEN = result(
  comparison({
    verdict: 'pass',
    mode: 'together',
    rows: [QUIET, row({ quantity: 'p50' }), row({ quantity: 'calls', span: query })],
  }),
);

const LABEL: AcceptanceClaim = { login: 'ada', through: 'label', line: null, standing: 'writer' };

function review(line: string): AcceptanceClaim {
  return { login: 'ada', through: 'review', line, standing: 'writer' };
}

function amended(
  from: GateResult,
  claims: readonly AcceptanceClaim[],
  earlier: readonly EarlierFailure[] = [],
): GateResult {
  const scenario = from.comparisons[0]?.scenario ?? '';
  const found = amendedResult(from, { claims, earlier: new Map([[scenario, earlier]]) });
  expect(conforms('gate-result', found)).toBe(true);
  // Every format can tell it; there is no trace to tell.
  for (const format of FORMATS.filter((each) => each !== 'otlp'))
    expect(formatResult(found, format)).not.toBe('');
  return found;
}

const failing = ({ comparisons }: GateResult) =>
  comparisons.flatMap(({ rows }) => rows.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id));

const text = (found: GateResult) => formatResult(found, 'terminal', { width: 120 }).replaceAll(/\s+/g, ' ');

describe('somebody who may write', () => {
  test('accepts by a label all that failed, and every report names who', () => {
    const found = amended(RED, [LABEL]);
    expect(found).toMatchObject({ verdict: 'pass', comparisons: [{ verdict: 'pass' }] });
    expect(exitCodeOf(found)).toBe(0);
    expect(text(found)).toContain('pass with 2 accepted regressions');
    expect(text(found)).toContain('accepted for this commit (label of ada): no reason given');
  });

  test('keeps figures and verdicts of the rows', () => {
    const [before, after] = [RED, amended(RED, [LABEL])].map(({ comparisons }) =>
      comparisons.flatMap(({ rows }) => rows.map(({ id, verdict, effect }) => ({ id, verdict, effect }))),
    );
    expect(after).toEqual(before);
  });

  test('accepts by a review all, or one row and nothing else', () => {
    expect(amended(RED, [review('spangate accept *: twice the work is meant')]).verdict).toBe('pass');
    const one = amended(RED, [
      review('Spangate-Accept: calls of "SELECT orders" in "GET /orders/:id" until 2099-12-31: meant'),
    ]);
    expect(one.verdict).toBe('fail');
    expect(failing(one)).toEqual([SLOWER.id]);
    expect(text(one)).toContain('accepted for this commit (review of ada): meant');
  });

  test('accepts nothing by a line that cannot be read, which is told', () => {
    const found = amended(RED, [review('spangate accept p51 in x until 2099-12-31: y')]);
    expect(failing(found)).toEqual([SLOWER.id, LOOP.id]);
    expect(text(found)).toContain('"p51" is no quantity, did you mean p50?');
  });

  test('leaves a verdict alone that no row decides', () => {
    const missing = { code: 'spans-missing', message: 'Spans are missing.' };
    const [only] = RED.comparisons;
    if (!only) throw new Error('no comparison');
    const found = amended(result({ ...only, warnings: [missing] }), [LABEL]);
    expect(found.verdict).toBe('inconclusive');
  });
});

test.each([
  ['not-a-writer', 'Requested, and not accepted: the label of ada, who may not write to this repository.'],
  ['stale', 'Not accepted: the label of ada is not known to be for the commit that was measured.'],
] as const)('what is %s accepts nothing, and is told once', (standing, sentence) => {
  const [only] = RED.comparisons;
  if (!only) throw new Error('no comparison');
  const two = result(only, { ...only, scenario: 'other' });
  const found = amended(two, [{ ...LABEL, standing }]);
  expect(found.verdict).toBe('fail');
  expect(text(found).split(sentence)).toHaveLength(2);
});

describe('a failure of an earlier attempt', () => {
  const first: EarlierFailure = { attempt: 1, rows: [SLOWER.id], failures: 1 };

  test('stays, whatever a later one measures', () => {
    const found = amended(GREEN, [], [first]);
    expect(exitCodeOf(found)).toBe(1);
    expect(text(found)).toContain(
      'fail: Attempt 1 of this run failed in 1 row of this commit ("GET /orders/:id | - | p50"). Measuring it once more does not take that back',
    );
    expect(formatResult(found, 'junit')).toContain('<failure message="fail: Attempt 1');
  });

  test('adds nothing where the same row fails again, or a waiver of the change accepts it', () => {
    expect(amended(RED, [], [first])).toEqual(RED);
    const waived = amended(RED, [LABEL]);
    expect(amended(waived, [], [first])).toEqual(waived);
  });

  test('is told with those of others, of which three are named', () => {
    const many: EarlierFailure = { attempt: 2, rows: ['a', 'b', 'c', 'd'], failures: 130 };
    const [warning] = amended(GREEN, [], [first, many]).comparisons[0]?.warnings.slice(1) ?? [];
    expect(warning?.message).toContain('failed in 130 rows of this commit ("a", "b", "c" and 127 more)');
  });

  test.each([
    LABEL,
    review('spangate accept *: meant'),
    review('spangate accept p50 in "GET /orders/:id" until 2099-12-31: meant'),
  ])('is accepted by whom what fails is: %o', (claim) => {
    const found = amended(GREEN, [claim], [first]);
    expect(exitCodeOf(found)).toBe(0);
    expect(text(found)).toContain('this one did not, and somebody with write permission accepts it');
  });

  test('of a row that is gone is accepted by whoever accepts everything alone', () => {
    const gone: EarlierFailure = { attempt: 1, rows: ['gone | - | p50'], failures: 1 };
    expect(
      amended(GREEN, [review('spangate accept p50 in gone until 2099-12-31: meant')], [gone]).verdict,
    ).toBe('fail');
    expect(amended(GREEN, [LABEL], [gone]).verdict).toBe('pass');
  });
});

describe('what fails beside the rows', () => {
  const message = 'Spans that the baseline has below one another are apart now.';
  const UNCOVERED = result(
    comparison({
      verdict: 'fail',
      mode: 'together',
      failedBy: ['coverage-missing'],
      warnings: [{ code: 'coverage-missing', message }],
      rows: [SLOWER, QUIET],
    }),
  );

  test('is not accepted by who accepts a row', () => {
    const found = amended(UNCOVERED, [
      review('spangate accept p50 in "GET /orders/:id" until 2999-12-31: the cache went'),
    ]);
    expect(failing(found)).toEqual([]);
    expect(exitCodeOf(found)).toBe(1);
    expect(text(found)).toContain(`fail: ${message.slice(0, 40)}`);
  });

  test('is accepted by who accepts everything, and told', () => {
    const found = amended(UNCOVERED, [LABEL]);
    expect(exitCodeOf(found)).toBe(0);
    expect(text(found)).toContain(
      'Accepted by the label of ada for this commit, beside all rows: coverage-missing',
    );
  });
});
