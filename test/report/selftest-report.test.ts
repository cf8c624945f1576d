import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { InjectionFinding, SelfTest, SelfTestResult } from '../../src/compare/injection-check.ts';
import { formatSelfTest } from '../../src/report/selftest-report.ts';
import { conforms } from '../../src/schema.ts';
import { expectGolden } from './golden.ts';

const operation = 'GET /orders';
const query = { service: 'orders-api', kind: 'client', name: 'pg.query SELECT orders' } as const;
const load = { service: 'orders-api', kind: 'internal', name: 'load customer' } as const;

const delay: InjectionFinding = {
  injection: 'delay',
  operation,
  span: query,
  injected: 0.000405,
  usual: 0.00135,
  seen: 0.000412,
  interval: { lower: 0.000371, upper: 0.000455, level: 0.9 },
  contains: true,
  caughtBy: `${operation} | client:orders-api:pg.query SELECT orders | p50`,
  missed: null,
};

const extra: InjectionFinding = {
  injection: 'extra-call',
  operation: 'GET /customers/:id',
  span: load,
  injected: 1,
  usual: 1,
  seen: 1,
  interval: null,
  contains: null,
  caughtBy: 'GET /customers/:id | internal:orders-api:load customer | calls',
  missed: null,
};

const CAUGHT: SelfTest = {
  scenario: 'default',
  tool: 'spangate 0.1.0',
  createdAt: '2026-03-05T09:30:00.000Z',
  seed: 42,
  passed: true,
  findings: [delay, extra],
  verdict: 'fail',
  followers: 3,
  rounds: 4,
  instances: 4,
  seconds: 61,
  lookSeconds: 5.2,
  warnings: [],
};

function missed(why: NonNullable<InjectionFinding['missed']>['why']): SelfTest {
  const limit = {
    level: why === 'not-gated' ? 'warn' : 'fail',
    warn: 0.03,
    fail: 0.4,
    atLeast: 0.0005,
  } as const;
  const row = {
    id: `${operation} | client:orders-api:pg.query SELECT orders | p50`,
    verdict: 'inconclusive',
    reason: 'noisy',
    limit,
    minimumDetectable: 0.47,
  } as const;
  const finding = { ...delay, caughtBy: null, missed: { why, row: why === 'no-row' ? null : row } };
  const seen = why === 'no-row' ? { seen: null, interval: null, contains: null } : { contains: false };
  const warnings = [{ code: 'too-few-samples', message: '3 time rows rest on too few spans.' }];
  return { ...CAUGHT, passed: false, findings: [{ ...finding, ...seen }, extra], followers: 0, warnings };
}

const CASES: Readonly<Record<string, SelfTestResult>> = {
  caught: { schemaVersion: 1, passed: true, tests: [CAUGHT] },
  'missed-noisy': { schemaVersion: 1, passed: false, tests: [missed('noisy')] },
  'missed-no-row': { schemaVersion: 1, passed: false, tests: [missed('no-row')] },
  'missed-limit-larger': { schemaVersion: 1, passed: false, tests: [missed('limit-larger')] },
  'missed-not-gated': { schemaVersion: 1, passed: false, tests: [missed('not-gated')] },
  scenarios: {
    schemaVersion: 1,
    passed: false,
    tests: [
      { ...CAUGHT, scenario: 'shop' },
      { ...missed('too-few'), scenario: 'search' },
    ],
  },
};

describe('the report of a self test', () => {
  for (const [name, each] of Object.entries(CASES)) {
    it(`${name} reads as its golden files, and fits 80 columns`, () => {
      const terminal = formatSelfTest(each, 'terminal');
      expect(terminal.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
      expectGolden(`selftest-${name}.terminal.txt`, terminal);
      expectGolden(`selftest-${name}.md`, formatSelfTest(each, 'markdown'));
    });

    it(`${name} comes back from its JSON, which is as its schema says`, () => {
      const data = JSON.parse(formatSelfTest(each, 'json'));
      expect(data).toEqual(each);
      expect(conforms('selftest', data)).toBe(true);
    });
  }
});
