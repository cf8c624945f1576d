import { DOMParser } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import type { GateResult } from '../../src/compare/comparison.ts';
import { junitReport } from '../../src/report/junit.ts';
import { CASES } from './cases.ts';
import { comparison, result, row, span } from './comparison-fixture.ts';

interface TestCase {
  readonly classname: string | null;
  readonly name: string | null;
  readonly time: string | null;
  readonly outcome: string;
  readonly message: string | null;
}

/** @throws where it is not well-formed */
function parse(xml: string) {
  return new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(xml, 'text/xml');
}

function casesOf(each: GateResult): readonly TestCase[] {
  return [...parse(junitReport(each)).getElementsByTagName('testcase')].map((element) => {
    const verdict = ['failure', 'error', 'skipped'].flatMap((tag) => [
      ...element.getElementsByTagName(tag),
    ])[0];
    return {
      classname: element.getAttribute('classname'),
      name: element.getAttribute('name'),
      time: element.getAttribute('time'),
      outcome: verdict?.tagName ?? 'passed',
      message: verdict?.getAttribute('message') ?? null,
    };
  });
}

describe('the JUnit report', () => {
  for (const [name, each] of Object.entries(CASES)) {
    it(`of ${name} is well-formed, with unique cases, right totals and plain seconds`, () => {
      const cases = casesOf(each);
      expect(new Set(cases.map((one) => `${one.classname}\n${one.name}`)).size).toBe(cases.length);
      expect(cases.filter(({ time }) => time !== null && !/^\d+(\.\d+)?$/.test(time))).toEqual([]);
      const root = parse(junitReport(each)).documentElement;
      const total = (outcome: string) => String(cases.filter((one) => one.outcome === outcome).length);
      expect(root?.getAttribute('tests')).toBe(String(cases.length));
      expect(root?.getAttribute('failures')).toBe(total('failure'));
      expect(root?.getAttribute('errors')).toBe(total('error'));
      expect(root?.getAttribute('skipped')).toBe(total('skipped'));
    });
  }

  const GATES = {
    pass: 'passed',
    'fail-errors': 'failure',
    inconclusive: 'skipped',
    'nothing-compared': 'skipped',
    error: 'error',
  } as const;
  for (const [name, outcome] of Object.entries(GATES)) {
    it(`of ${name} tells the gate itself as ${outcome}`, () => {
      const gate = casesOf(CASES[name] ?? result()).find((one) => one.name === 'gate');
      expect(gate?.outcome).toBe(outcome);
    });
  }

  it('has a case for every row that can fail, and none for the others', () => {
    const rows = (['fail', 'warn', 'off'] as const).map((level) =>
      row({ span: span(level), quantity: 'p50', level }),
    );
    expect(casesOf(result(comparison({ verdict: 'pass', rows }))).map(({ name }) => name)).toEqual([
      'gate',
      'orders-api internal fail p50',
    ]);
  });

  it('drops what XML cannot hold, and keeps such names apart', () => {
    const names = ['a\u0001b', 'ab', 'a\ufffeb', 'a\ud800b', '<b>&"\'\n\t'];
    const rows = names.map((name) => row({ span: span(name), quantity: 'p50' }));
    const cases = casesOf(result(comparison({ verdict: 'pass', rows })));
    expect(cases.slice(1).map(({ name }) => name)).toEqual([
      'orders-api internal ab p50',
      'orders-api internal ab p50 (2)',
      'orders-api internal ab p50 (3)',
      'orders-api internal ab p50 (4)',
      'orders-api internal <b>&"\'\n\t p50',
    ]);
  });

  it('gives no command to a CI runner that reads it on stdout', () => {
    expect(junitReport(CASES.hostile ?? result())).not.toMatch(/^\s*::|##\[/m);
  });
});
