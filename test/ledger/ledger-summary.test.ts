import { describe, expect, test } from 'vitest';
import type { LedgerRun } from '../../src/ledger/ledger-run.ts';
import { ledgerSummary } from '../../src/ledger/ledger-summary.ts';
import { conforms } from '../../src/schema.ts';
import { LISTS, ledgerRun, ROWS } from './ledger-fixture.ts';

const [P50, CALLS] = ROWS;

function summary(runs: readonly LedgerRun[], runsNeeded = 3) {
  const found = ledgerSummary({ runs, rows: LISTS, unread: 0 }, { runsNeeded });
  expect(conforms('ledger-summary', found)).toBe(true);
  return found;
}

/** State by row. */
function statesOf(runs: readonly LedgerRun[], runsNeeded = 3): Record<string, string> {
  return Object.fromEntries(summary(runs, runsNeeded).rows.map(({ id, state }) => [id, state]));
}

const quiet = [ledgerRun(1), ledgerRun(2), ledgerRun(3)];

describe('a row is ready', () => {
  test('when it was judged often enough, and never red', () => {
    expect(statesOf(quiet)).toEqual({ [P50]: 'ready', [CALLS]: 'ready' });
    expect(statesOf(quiet, 4)).toEqual({ [P50]: 'too-few-runs', [CALLS]: 'too-few-runs' });
  });

  test('by runs with a verdict for it alone', () => {
    const runs = [...quiet.slice(1), ledgerRun(1, { scenario: { open: [1] } })];
    expect(statesOf(runs)).toEqual({ [P50]: 'ready', [CALLS]: 'too-few-runs' });
    expect(summary(runs).rows.find(({ id }) => id === CALLS)).toMatchObject({ judged: 2, open: 1 });
  });

  test('not when it was red once, and nobody saw it again', () => {
    expect(statesOf([...quiet, ledgerRun(4, { scenario: { failed: [P50] } })])).toEqual({
      [P50]: 'unconfirmed-red',
      [CALLS]: 'ready',
    });
  });

  test.each([
    ['in the next push of the pull request', { pullRequest: 4 }],
    ['in a later attempt of the same commit', { commit: '4'.repeat(40), pullRequest: null, attempt: 2 }],
  ])('when its red was seen again %s', (_, parts) => {
    const first = ledgerRun(4, { scenario: { failed: [P50] } });
    const second = ledgerRun(5, { ...parts, scenario: { failed: [P50] } });
    expect(statesOf([...quiet, second, first])[P50]).toBe('ready');
  });

  test('when its red was accepted', () => {
    const accepted = ledgerRun(4, { scenario: { waived: [P50] } });
    expect(statesOf([...quiet, accepted])[P50]).toBe('ready');
  });

  test('not by the same row of another pull request, scenario or folder', () => {
    const red = ledgerRun(4, { scenario: { failed: [P50] } });
    for (const other of [
      ledgerRun(5, { scenario: { failed: [P50] } }),
      ledgerRun(5, { pullRequest: 4, scenario: { failed: [P50], name: 'other' } }),
      ledgerRun(5, { pullRequest: 4, project: 'orders', scenario: { failed: [P50] } }),
      ledgerRun(5, { pullRequest: 4, scenario: { failed: [CALLS] } }),
    ]) {
      expect(statesOf([...quiet, red, other])[P50]).toBe('unconfirmed-red');
    }
  });
});

describe('a flip', () => {
  const red = ledgerRun(4, { scenario: { failed: [P50, CALLS] } });
  const again = { commit: red.commit, pullRequest: red.pullRequest, run: red.run, attempt: 2 };

  test('is a commit that was red, and green in a later attempt', () => {
    expect(summary([ledgerRun(5, again), red]).flips).toEqual([
      {
        commit: red.commit,
        pullRequest: 4,
        project: '',
        scenario: 'default',
        red: { at: red.at, run: '4704', attempt: 1 },
        green: { at: '2026-11-05T09:30:00.000Z', run: '4704', attempt: 2 },
        rows: [P50, CALLS],
      },
    ]);
  });

  test('is none where it was green before, red again, accepted, or another job of the matrix', () => {
    for (const other of [
      ledgerRun(3, again),
      ledgerRun(5, { ...again, scenario: { failed: [P50] } }),
      ledgerRun(5, { ...again, scenario: { waived: [P50, CALLS] } }),
      ledgerRun(5, { ...again, job: 'other' }),
    ]) {
      expect(summary([red, other]).flips).toEqual([]);
    }
  });
});

test('reds are newest first, a gate without a verdict is one, and what is not listed is counted', () => {
  const { reds } = summary([
    ...quiet,
    ledgerRun(4, { scenario: { failed: [P50], failures: 130 } }),
    ledgerRun(5, { exitCode: 3, error: 'service-exited', scenarios: [] }),
  ]);
  expect(reds).toMatchObject([
    { scenario: null, error: 'service-exited', exitCode: 3 },
    { scenario: 'default', error: null, rows: [{ id: P50, state: 'unconfirmed' }], more: 129 },
  ]);
});

test('minutes are those of all gates, and of later attempts', () => {
  expect(summary([...quiet, ledgerRun(4, { attempt: 2, seconds: 60 })])).toMatchObject({
    runs: 4,
    shadow: 4,
    commits: 4,
    pullRequests: 4,
    seconds: 780,
    secondsOfRepetitions: 60,
    since: '2026-11-01T09:30:00.000Z',
    until: '2026-11-04T09:30:00.000Z',
  });
});

test('a list of rows that is gone costs the rows of its runs, and nothing else', () => {
  const found = ledgerSummary({ runs: quiet, rows: new Map(), unread: 0 }, { runsNeeded: 3 });
  expect(found).toMatchObject({ runs: 3, rows: [] });
});
