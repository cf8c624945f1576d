import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { terminalReport } from '../../src/report/terminal.ts';
import { viewOf } from '../../src/report/view.ts';
import { CASES } from './cases.ts';
import { comparison, result, row, span } from './comparison-fixture.ts';
import { togetherOf } from './together-fixture.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('the terminal report', () => {
  for (const [name, each] of Object.entries(CASES)) {
    it(`of ${name} fits 80 columns, and 120`, () => {
      for (const width of [80, 120]) {
        const lines = terminalReport(viewOf(each), { width }).split('\n');
        expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
      }
    });

    it(`of ${name} has colour only where asked, and the same words then`, () => {
      const plain = terminalReport(viewOf(each));
      const coloured = terminalReport(viewOf(each), { colour: true });
      expect(plain).not.toMatch(CONTROL);
      expect(coloured).toContain('\u001b[');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes that colour
      expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    });
  }

  it('is never wider than the terminal, gives no command to a runner, and shows every control character', () => {
    const characters = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...':#[] 注\n\u202e'.split('')) }),
    );
    fc.assert(
      fc.property(characters, characters, (operation, name) => {
        const rows = [
          row({
            operation,
            span: span(name, 'client', name),
            quantity: 'p50',
            verdict: 'regression',
            reason: 'slower',
            outcome: 'fail',
          }),
          row({ operation, quantity: 'p50', verdict: 'inconclusive', reason: 'noisy' }),
        ];
        const warnings = [{ code: 'code', message: `${operation} ${name}` }];
        const text = terminalReport(
          viewOf(
            result(comparison({ scenario: name, verdict: 'fail', rows, warnings }), togetherOf(operation)),
          ),
        );
        const lines = text.split('\n');
        expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([]);
        expect(lines.filter((line) => /^\s*::|##\[|##vso\[/.test(line))).toEqual([]);
        expect(text).not.toMatch(CONTROL);
      }),
      { seed: 8, numRuns: 100 },
    );
  });

  it('says what failed before what moved, and that before what stayed', () => {
    const text = terminalReport(viewOf(CASES['fail-structure'] ?? result()));
    const titles = ['fail:', 'Failed (2)', 'Moved (2)', 'Operations', 'Stayed', 'What was compared'];
    const places = titles.map((title) => text.indexOf(title));
    expect(places).toEqual(places.toSorted((left, right) => left - right));
    expect(places).not.toContain(-1);
  });

  it('takes a width of 80 where the terminal does not tell', () => {
    const view = viewOf(CASES.pass ?? result());
    expect(terminalReport(view, { width: 0 })).toBe(terminalReport(view, { width: 80 }));
  });
});
