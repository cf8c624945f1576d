import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  age,
  bytes,
  count,
  counted,
  effectChange,
  effectRange,
  figure,
  metricValue,
  percent,
  plainDecimal,
  points,
  pointsShift,
  probability,
  rate,
  seconds,
  secondsShift,
  signedPercent,
  wallTime,
} from '../../src/report/units.ts';

type Table = readonly (readonly [unknown, string])[];

const TABLES: Readonly<Record<string, { readonly of: (value: never) => string; readonly rows: Table }>> = {
  'durations have three digits and the unit that fits': {
    of: seconds,
    rows: [
      [0.00123, '1.23 ms'],
      [0.0123, '12.3 ms'],
      [0.123, '123 ms'],
      [1.23, '1.23 s'],
      [12.34, '12.3 s'],
      [123.4, '123 s'],
      [0.000812, '812 µs'],
      [0.0000812, '81.2 µs'],
      [8.12e-7, '812 ns'],
      [0.0009996, '1.00 ms'],
      [0.9999, '1.00 s'],
      [0, '0 ms'],
      [-0.0005, '-500 µs'],
    ],
  },
  'shares lose trailing zeros': {
    of: percent,
    rows: [
      [0.25, '25 %'],
      [0.004, '0.4 %'],
      [0.00021, '0.021 %'],
      [0.047, '4.7 %'],
      [0.999, '99.9 %'],
      [1, '100 %'],
      [12.5, '1,250 %'],
      [0, '0 %'],
    ],
  },
  'changes keep one decimal below ten per cent': {
    of: signedPercent,
    rows: [
      [0.61, '+61 %'],
      [0.04, '+4.0 %'],
      [0.0994, '+9.9 %'],
      [0.0996, '+10 %'],
      [-0.034, '-3.4 %'],
      [-0.6, '-60 %'],
      [0.00001, '0.0 %'],
      [-0.00001, '0.0 %'],
    ],
  },
  'effects are changes, and factors from ten on': {
    of: effectChange,
    rows: [
      [1.61, '+61 %'],
      [9.9, '+890 %'],
      [11, 'x11'],
      [123.4, 'x123'],
      [0.39, '-61 %'],
      [0, '-100 %'],
      [1, '0.0 %'],
    ],
  },
  'calls are plain figures': {
    of: figure,
    rows: [
      [1, '1'],
      [11, '11'],
      [1.5, '1.5'],
      [0.0333, '0.0333'],
      [1250, '1,250'],
      [1250.4, '1,250'],
      [2 / 3, '0.667'],
    ],
  },
  'rates are a second': {
    of: rate,
    rows: [
      [412.3, '412/s'],
      [1234.5, '1,235/s'],
      [0.8, '0.8/s'],
      [0, '0/s'],
    ],
  },
  'shifts of a share are percentage points': {
    of: pointsShift,
    rows: [
      [0.047, '+4.7 pp'],
      [-0.002, '-0.2 pp'],
    ],
  },
  'limits of a share are percentage points': { of: points, rows: [[0.005, '0.5 pp']] },
  'p-values are never zero': {
    of: probability,
    rows: [
      [0.0134, 'p = 0.013'],
      [0.00005, 'p < 0.0001'],
      [1, 'p = 1'],
    ],
  },
  'wall time is read like a clock': {
    of: wallTime,
    rows: [
      [8, '8 s'],
      [2.5, '2.5 s'],
      [59.7, '1 min'],
      [80, '1 min 20 s'],
      [120, '2 min'],
      [11_100, '3 h 5 min'],
      [3599.7, '1 h'],
      [7199, '2 h'],
      [0, '0 s'],
      [-3, '0 s'],
    ],
  },
  'ages are rough': {
    of: age,
    rows: [
      [30, 'less than 2 minutes'],
      [240, '4 minutes'],
      [7200, '2 hours'],
      [259_200, '3 days'],
      [60 * 60 * 24 * 400, '400 days'],
    ],
  },
  'memory is binary': {
    of: bytes,
    rows: [
      [512, '512 B'],
      [48 * 1024 ** 2, '48 MiB'],
      [1.5 * 1024 ** 3, '1.5 GiB'],
    ],
  },
  'counts are grouped': {
    of: count,
    rows: [
      [5230, '5,230'],
      [999, '999'],
      [1_234_567, '1,234,567'],
    ],
  },
  'decimals have no exponent': {
    of: plainDecimal,
    rows: [
      [0.00123, '0.00123'],
      [1e-9, '0.000000001'],
      [1e-12, '0'],
      [250, '250'],
    ],
  },
};

describe('units', () => {
  for (const [title, { of, rows }] of Object.entries(TABLES)) {
    for (const [value, text] of rows) {
      it(`${title}: ${String(value)} is ${text}`, () => {
        expect(of(value as never)).toBe(text);
      });
    }
  }

  it.each([
    [0.0123, 's', '12.3 ms'],
    [12.3, 'ms', '12.3 ms'],
    [61_000_000, 'By', '58.2 MiB'],
    [12, '{job}', '12 job'],
    [0.5, '1', '0.5'],
    [3, '', '3'],
    [3, 'By/s', '3 By/s'],
    [3, '<img src=x onerror=alert(1)>', '3'],
    [3, '{@everyone}', '3'],
  ])('a metric of %d %s is %s', (value, unit, text) => {
    expect(metricValue(value, unit)).toBe(text);
  });

  it('a shift has the unit and decimals of what it shifts', () => {
    expect(secondsShift(0.00062, 0.00102)).toBe('+0.62 ms');
    expect(secondsShift(-0.00062, 0.0102)).toBe('-0.6 ms');
    expect(secondsShift(0.0005, 2.5)).toBe('+500 µs');
    expect(secondsShift(1.5, 0.001)).toBe('+1.50 s');
  });

  it('an interval of an effect is a range of changes', () => {
    expect(effectRange({ lower: 1.55, upper: 1.66 })).toBe('+55 % to +66 %');
    expect(effectRange({ lower: 0.97, upper: 12 })).toBe('-3.0 % to x12');
  });

  it('one thing is no plural', () => {
    expect([counted(0, 'row'), counted(1, 'row'), counted(1200, 'row')]).toEqual([
      '0 rows',
      '1 row',
      '1,200 rows',
    ]);
  });

  it('a duration always reads back to within half a per cent', () => {
    const size = { s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 } as const;
    fc.assert(
      fc.property(fc.double({ min: 1e-8, max: 5000, noNaN: true }), (value) => {
        const [figures = '', unit = 's'] = seconds(value).split(' ');
        const read = Number(figures) * size[unit as keyof typeof size];
        expect(Math.abs(read / value - 1)).toBeLessThan(0.006);
        expect(figures.replace(/[^\d]/g, '').length).toBeGreaterThanOrEqual(3);
      }),
      { seed: 8 },
    );
  });
});
