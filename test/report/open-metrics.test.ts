import { describe, expect, test } from 'vitest';
import { openMetrics } from '../../src/report/open-metrics.ts';
import { CASES } from './cases.ts';
import { comparison, result, row, span } from './comparison-fixture.ts';

/** `name{key="value",…} number`, as the specification has it. */
const SAMPLE = /^[a-z_]+\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\} (?:-?\d+(?:\.\d+)?|NaN)$/;

/** As GitLab reads a line: no comment, then the words of a shell. */
function asGitLabReads(line: string): { readonly name: string; readonly value: string | undefined } | null {
  const text = line.replace(/#.*$/, '');
  const words: string[] = [];
  const word = /\s*((?:"(?:[^"\\]|\\.)*"|[^\s"'])+)/y;
  while (word.lastIndex < text.trimEnd().length) {
    const found = word.exec(text)?.[1];
    if (found === undefined) throw new Error(`Unmatched quote: ${line}`);
    words.push(found);
  }
  const [name, value] = words;
  return name === undefined ? null : { name, value };
}

describe('OpenMetrics', () => {
  test.each(Object.keys(CASES))('of %s is as the specification and GitLab read it', (name) => {
    const text = openMetrics(CASES[name] ?? result());
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples.filter((line) => !SAMPLE.test(line))).toEqual([]);
    const read = samples.map(asGitLabReads);
    expect(read.filter((each) => each?.value === undefined)).toEqual([]);
    expect(new Set(read.map((each) => each?.name)).size).toBe(samples.length);
    // The samples of a family stand together below its type.
    const families = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, family]) => family);
    expect(new Set(families).size).toBe(families.length);
    const order = samples.map((line) => families.indexOf(line.split('{')[0]));
    expect(order).toEqual(order.toSorted((left, right) => left - right));
  });

  test('keeps two digits, so that a figure that did not change is the same text', () => {
    const times = [0.001234, 0.001249].map((candidate) =>
      openMetrics(result(comparison({ verdict: 'pass', rows: [row({ quantity: 'p50', candidate })] }))),
    );
    expect(times[0]).toContain('quantity="p50"} 0.0012\n');
    expect(times[1]).toBe(times[0]);
  });

  test.each([
    ['calls', 0, '0'],
    ['calls', 1234, '1234'],
    ['calls', 1.5, '1.5'],
    ['calls', Number.NaN, 'NaN'],
    ['throughput', 1234, '1200'],
    ['self', 0.000123456, '0.00012'],
    ['self', 0.0010001, '0.001'],
  ] as const)('writes %s of %d as %s', (quantity, candidate, text) => {
    const only = row({ quantity, span: span('query'), candidate });
    const lines = openMetrics(result(comparison({ verdict: 'pass', rows: [only] }))).split('\n');
    const line = lines.find((each) => each.includes(`quantity="${quantity}"`));
    expect(line?.split(' ').at(-1)).toBe(text);
  });

  test('leaves out what is not judged, and what head does not have', () => {
    const rows = [row({ quantity: 'p50', level: 'off' }), row({ quantity: 'p90', candidate: null })];
    expect(openMetrics(result(comparison({ verdict: 'pass', rows })))).not.toContain('spangate_duration');
  });
});
