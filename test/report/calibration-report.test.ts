import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../src/compare/calibration.ts';
import { formatCalibration } from '../../src/report/calibration-report.ts';
import { conforms } from '../../src/schema.ts';
import { expectGolden } from './golden.ts';

const operation = 'GET /orders';
const query = { service: 'orders-api', kind: 'client', name: 'pg.query SELECT orders' } as const;
const profiles = { standard: 3, strict: 8, relaxed: 1 };

type Row = Calibration['rows'][number];

function row(parts: Partial<Row> & Pick<Row, 'quantity'>): Row {
  const { quantity, span = null } = parts;
  return {
    id: `${operation} | ${span === null ? '-' : `client:orders-api:${span.name}`} | ${quantity}`,
    operation,
    span,
    unit: 'seconds',
    value: 0.00321,
    samples: 812,
    limit: { level: 'fail', warn: 0.03, fail: 0.05, atLeast: 0.00005 },
    inForce: 0.05,
    noise: {
      spread: 0.011,
      samplingShare: 0.3,
      shift: 0.004,
      error: 0.0032,
      detectable: [
        { rounds: 2, change: 0.043 },
        { rounds: 4, change: 0.03 },
        { rounds: 6, change: 0.0244 },
      ],
      perMinute: 0.029,
      roundsNeeded: 2,
      roundsByProfile: profiles,
    },
    state: 'gates',
    help: null,
    ...parts,
  };
}

function noise(parts: Partial<NonNullable<Row['noise']>>): NonNullable<Row['noise']> {
  const { noise: usual } = row({ quantity: 'p50' });
  if (usual === null) throw new Error('the usual row has noise');
  return { ...usual, ...parts };
}

const USUAL: Calibration = {
  scenario: 'default',
  tool: 'spangate 0.1.0',
  createdAt: '2026-03-05T09:30:00.000Z',
  seed: 42,
  rounds: 6,
  instances: 4,
  exchangeable: 'instances',
  seconds: 87,
  secondsPerRound: 14.5,
  gateRounds: 4,
  profile: 'standard',
  arms: { shift: 0.002, t: 0.6, df: 36, p: 0.55, balanced: true },
  gate: { verdict: 'pass', screenRounds: 2, confirmRounds: 3, suspects: [] },
  rows: [
    row({ quantity: 'p50' }),
    row({
      quantity: 'p90',
      value: 0.0071,
      inForce: 0.1,
      state: 'noisy',
      noise: noise({
        spread: 0.062,
        shift: -0.021,
        error: 0.018,
        detectable: [
          { rounds: 2, change: 0.25 },
          { rounds: 4, change: 0.17 },
          { rounds: 6, change: 0.138 },
        ],
        perMinute: 0.168,
        roundsNeeded: 11,
      }),
      help: { rounds: { count: 11, seconds: 159.5 }, durationSeconds: 24 },
    }),
    row({ quantity: 'p50', span: query, value: 0.00135 }),
    row({
      quantity: 'p90',
      span: query,
      value: 0.0021,
      samples: 60,
      noise: null,
      state: 'too-few-samples',
      help: { rounds: null, durationSeconds: 15 },
    }),
    row({ quantity: 'p99', span: query, state: 'off', noise: null }),
  ],
  calls: { constant: 7, varying: [{ operation, span: { ...query, name: 'pg-pool.connect' } }] },
  profiles: [
    { profile: 'standard', rows: 4, screened: 2, gated: 2 },
    { profile: 'strict', rows: 5, screened: 0, gated: 1 },
    { profile: 'relaxed', rows: 4, screened: 3, gated: 3 },
  ],
  suggestions: [
    { operation, limits: { p90: 0.2 }, why: 'noise' },
    { operation, span: '*', limits: { p90: 0.1 }, why: 'restores' },
  ],
  warnings: [{ code: 'not-warm', message: 'Two rounds were not warm at the time limit.' }],
};

const CASES: Readonly<Record<string, Calibration>> = {
  usual: USUAL,
  'nothing-to-suggest': {
    ...USUAL,
    rows: [row({ quantity: 'p50' })],
    suggestions: [],
    calls: { constant: 1, varying: [] },
    warnings: [],
  },
  'arms-differ': {
    ...USUAL,
    arms: { shift: 0.031, t: 4.4, df: 36, p: 0.0001, balanced: false },
    gate: {
      verdict: 'fail',
      screenRounds: 2,
      confirmRounds: 3,
      suspects: [`${operation} | - | p50`],
    },
    exchangeable: 'arms',
    suggestions: [],
  },
};

describe('the report of a calibration', () => {
  for (const [name, each] of Object.entries(CASES)) {
    const result = { schemaVersion: 1, calibrations: [each] } as const;

    it(`${name} reads as its golden files, and its tables fit 80 columns`, () => {
      const terminal = formatCalibration(result, 'terminal');
      const [report = ''] = terminal.split('limits:\n');
      expect(report.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
      expectGolden(`calibration-${name}.terminal.txt`, terminal);
      expectGolden(`calibration-${name}.md`, formatCalibration(result, 'markdown'));
    });

    it(`${name} comes back from its JSON, which is as its schema says`, () => {
      const data = JSON.parse(formatCalibration(result, 'json'));
      expect(data).toEqual(result);
      expect(conforms('calibration', data)).toBe(true);
    });
  }
});
