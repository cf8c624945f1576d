import { describe, expect, it } from 'vitest';
import { markdownReport } from '../../src/report/markdown.ts';
import { viewOf } from '../../src/report/view.ts';
import { CASES } from './cases.ts';
import { comparison, result, row, span } from './comparison-fixture.ts';

const manyRows = viewOf(CASES['many-rows'] ?? result());
const whole = markdownReport(manyRows, { maxCharacters: Number.POSITIVE_INFINITY });

/** As many reports as a monorepo may have in one comment. */
const scenarios = viewOf(
  result(
    ...Array.from({ length: 80 }, (_, index) =>
      comparison({
        scenario: `service ${index}`,
        verdict: 'fail',
        rows: Array.from({ length: 40 }, (_, member) =>
          row({
            span: span(`${'a long name of a span '.repeat(4)}${member}`),
            quantity: 'p50',
            verdict: 'regression',
            reason: 'slower',
            outcome: 'fail',
          }),
        ),
        warnings: [{ code: 'code', message: 'Something that one has to know. '.repeat(10) }],
      }),
    ),
  ),
);

describe('the Markdown report', () => {
  it('is not cut where it fits', () => {
    expect(markdownReport(manyRows, { maxCharacters: whole.length })).toBe(whole);
    expect(whole).not.toContain('Cut to fit');
  });

  for (const maxCharacters of [65_536, 20_000, 5_000, 2_000, 1_000]) {
    it(`has at most ${maxCharacters} characters, cut between rows, with the number of rows left out`, () => {
      for (const view of [manyRows, scenarios]) {
        const text = markdownReport(view, { maxCharacters });
        expect(text.length).toBeLessThanOrEqual(maxCharacters);
        expect(text.split('<details>').length).toBe(text.split('</details>').length);
        const tableLines = text.split('\n').filter((line) => line.startsWith('|'));
        expect(tableLines.filter((line) => !line.endsWith('|'))).toEqual([]);
      }
      const text = markdownReport(manyRows, { maxCharacters });
      if (whole.length > maxCharacters) {
        expect(text).toMatch(/_Cut to fit: [\d,]+ rows left out\. The result as JSON has all of them\._\n$/);
      }
    });
  }

  it('counts the rows that it leaves out', () => {
    const rows = (text: string) => text.match(/^\| .*`step \d+`/gm)?.length ?? 0;
    // All that is cut at this length are rows of the table of all rows.
    const cut = markdownReport(manyRows, { maxCharacters: whole.length - 500 });
    const left = Number(/Cut to fit: (\d+) rows/.exec(cut)?.[1]);
    expect(left).toBe(rows(whole) - rows(cut));
    expect(left).toBeGreaterThan(0);
  });

  it('keeps what failed the longest', () => {
    const cut = markdownReport(manyRows, { maxCharacters: 3_000 });
    expect(cut).toContain('**Failed (12)**');
    expect(cut).toContain('`step 11`');
    expect(cut).not.toContain('All 200 rows');
  });

  it('stays below what GitHub takes as a comment by default', () => {
    expect(markdownReport(scenarios).length).toBeLessThanOrEqual(65_536);
  });

  it('begins with the verdict', () => {
    for (const each of Object.values(CASES)) {
      const [, word] = markdownReport(viewOf(each)).split(/[ :]/);
      expect(word).toBe(each.verdict.split('-')[0]);
    }
  });
});
