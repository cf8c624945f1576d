import { describe, it } from 'vitest';
import { FORMATS, type Format, formatResult } from '../../src/report/format.ts';
import { CASES } from './cases.ts';
import { expectGolden } from './golden.ts';

const EXTENSIONS = {
  terminal: 'terminal.txt',
  markdown: 'md',
  html: 'html',
  json: 'json',
  junit: 'junit.xml',
  openmetrics: 'metrics.txt',
  otlp: 'otlp.jsonl',
} as const;

/** Formats for programs are long; a few files show their form, and tests of their own look at all cases. */
const SHOWN: Readonly<Partial<Record<Format, readonly string[]>>> = {
  html: ['coverage-failed', 'together-explained', 'hostile', 'nothing-compared'],
  otlp: ['together-explained'],
  json: ['coverage-failed', 'fail-loop-and-slow-span'],
  openmetrics: ['fail-loop-and-slow-span', 'fail-logs-and-metrics', 'hostile'],
  junit: [
    'fail-loop-and-slow-span',
    'together-accepted-in-part',
    'together-concurrency',
    'fail-errors',
    'coverage-warned',
    'coverage-failed',
    'nothing-compared',
    'error',
  ],
};

describe('the report', () => {
  for (const [name, result] of Object.entries(CASES)) {
    for (const format of FORMATS) {
      if (SHOWN[format]?.includes(name) === false) continue;
      it(`of ${name} as ${format} is what its golden file shows`, () => {
        expectGolden(`${name}.${EXTENSIONS[format]}`, formatResult(result, format));
      });
    }
  }
});
