import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationText, parseDuration, parsePercentage, percentageText } from '../../src/config/units.ts';

const PROPERTY = { seed: 20_260_102 };

describe('parseDuration', () => {
  test.each([
    ['50us', 0.000_05],
    ['50µs', 0.000_05],
    ['250ms', 0.25],
    ['0.2ms', 0.000_2],
    ['8s', 8],
    ['1.5s', 1.5],
    ['2m', 120],
    ['1m30s', 90],
    ['1h', 3600],
    ['30d', 2_592_000],
    ['0s', 0],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(['', '8', 's', '8 s', '-8s', '8S', '8s ', '1,5s', '.5s', '8sec', '1e3s'])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(TypeError);
    },
  );

  test('is undone by durationText, for whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (milliseconds) => {
        expect(parseDuration(durationText(milliseconds / 1000))).toBeCloseTo(milliseconds / 1000, 9);
      }),
      PROPERTY,
    );
  });

  test('adds up its parts', () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const texts = parts.map(([amount, unit]) => `${amount}${unit}`);
        const sum = texts.reduce((seconds, text) => seconds + parseDuration(text), 0);
        expect(parseDuration(texts.join(''))).toBeCloseTo(sum, 6);
      }),
      PROPERTY,
    );
  });
});

describe('durationText', () => {
  test.each([
    [0, '0s'],
    [0.25, '250ms'],
    [90, '90s'],
    [120, '2m'],
    [86_400, '1d'],
    [0.000_05, '50us'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe('parsePercentage', () => {
  test.each([
    ['3%', 0.03],
    ['2.5 %', 0.025],
    ['0%', 0],
    ['150%', 1.5],
  ])('%s is %d', (text, share) => {
    expect(parsePercentage(text)).toBe(share);
  });

  test.each(['3', '%', '-3%', '3 percent', '3%%'])('refuses %j', (text) => {
    expect(() => parsePercentage(text)).toThrow(TypeError);
  });

  test('is undone by percentageText', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (hundredths) => {
        expect(parsePercentage(percentageText(hundredths / 10_000))).toBeCloseTo(hundredths / 10_000, 12);
      }),
      PROPERTY,
    );
  });
});
