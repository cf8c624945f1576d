import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globMatches } from '../../src/compare/policy.ts';
import { representativeTexts } from '../../src/compare/representative-texts.ts';

/** Which of the globs match, as a key. */
function matchedBy(globs: readonly string[], text: string): string {
  return globs.map((glob) => (globMatches(glob, text) ? '1' : '0')).join('');
}

describe('representative texts', () => {
  test('of no globs are one text', () => {
    expect(representativeTexts([])).toEqual({ texts: [''], isComplete: true });
  });

  test('are one for every combination that some text matches, and for none', () => {
    const globs = ['pg.*', '*orders', 'pg.query'];
    const { texts } = representativeTexts(globs);
    expect(texts.map((text) => matchedBy(globs, text)).sort()).toEqual(['000', '010', '100', '101', '110']);
  });

  test('miss no combination that a random text matches', () => {
    const glob = fc
      .array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 5 })
      .map((letters) => letters.join(''));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 })
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(
        fc.array(glob, { minLength: 1, maxLength: 4 }),
        fc.array(text, { maxLength: 20 }),
        (globs, texts) => {
          const found = representativeTexts(globs);
          expect(found.isComplete).toBe(true);
          const known = new Set(found.texts.map((each) => matchedBy(globs, each)));
          expect(known.size).toBe(found.texts.length);
          for (const each of texts) expect(known).toContain(matchedBy(globs, each));
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });

  test('stop, and say so, where globs multiply', () => {
    const globs = Array.from('abcdefghijklmnop', (letter) => `*${letter}${letter}*`);
    expect(representativeTexts(globs).isComplete).toBe(false);
  });
});
