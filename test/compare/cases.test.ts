/** Each folder under fixtures/ is a case: sketches of two measurements and more, a policy, and what is said of them. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CompareInput, compare, needsConfirmation } from '../../src/compare/compare.ts';
import type { Comparison, Row, RowReason } from '../../src/compare/comparison.ts';
import type { Limit, Policy, Quantity } from '../../src/config.ts';
import { validate } from '../../src/schema.ts';
import { STANDARD, withLimits } from './policies.ts';
import { measurementOf, type Sketch } from './sketch.ts';

const fixtures = resolve(import.meta.dirname, 'fixtures');
const cases = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe('a comparison', () => {
  test.each(cases.map((entry) => entry.name))('%s', (name) => {
    const folder = join(fixtures, name);
    const comparison = compare({
      baseline: measurement(folder, 'baseline') ?? null,
      candidate: required(measurement(folder, 'candidate')),
      confirmation: measurement(folder, 'confirmation') ?? null,
      baselineConfirmation: measurement(folder, 'baseline-confirmation') ?? null,
      policy: policyOf(folder),
      seed: 1,
      createdAt: '2026-01-02T00:00:00.000Z',
      tool: 'spangate 0.0.0',
      comparability: 'like',
      ...historyOf(folder),
      ...(read(join(folder, 'options.json')) as object | undefined),
    });
    expect(validate('comparison', comparison)).toEqual([]);
    expectWholeRows(comparison);
    expectFile(join(folder, 'expected.json'), said(comparison));
  });
});

/** Reasons that a case is not about; their rows are counted alone. */
const USUAL: ReadonlySet<RowReason> = new Set([
  'within-limit',
  'calls-constant-same',
  'too-few-samples',
  'too-few-instances',
  'unlike-machine',
  'no-baseline',
]);

/** What holds for the rows of every comparison. */
function expectWholeRows({ rows }: Comparison): void {
  expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
  const outcomes = rows.map((row) => ['fail', 'warn', 'none'].indexOf(row.outcome));
  expect(outcomes).toEqual([...outcomes].sort());
  for (const row of rows) {
    if (row.p !== null) expect(row.p).toBeGreaterThan(0);
    if (row.p !== null) expect(row.p).toBeLessThanOrEqual(1);
    if (row.outcome === 'fail') expect(row.level === 'fail' || row.reason !== 'slower').toBe(true);
    if (row.interval && row.effect !== null) {
      expect(row.interval.lower).toBeLessThanOrEqual(row.effect);
      expect(row.interval.upper).toBeGreaterThanOrEqual(row.effect);
    }
    if (row.explainedBy !== undefined) expect(rows.map((each) => each.id)).toContain(row.explainedBy);
  }
}

/** What matters of a comparison. */
function said(comparison: Comparison): object {
  const usual: Record<string, number> = {};
  const rows: string[] = [];
  for (const row of comparison.rows) {
    const shown = row.reason !== 'noisy' || row.level !== 'off';
    if ((USUAL.has(row.reason) || !shown) && row.outcome === 'none') {
      const kind = `${row.verdict}, ${row.reason}`;
      usual[kind] = (usual[kind] ?? 0) + 1;
    } else rows.push(sentence(row));
  }
  return {
    mode: comparison.mode,
    verdict: comparison.verdict,
    needsConfirmation: needsConfirmation(comparison),
    warnings: comparison.warnings.map((warning) => warning.code),
    ...(comparison.history && { history: saidOfHistory(comparison.history) }),
    rows: rows.sort(),
    usual: Object.fromEntries(Object.entries(usual).sort()),
  };
}

function saidOfHistory({ runs, distance, anchor }: NonNullable<Comparison['history']>): object {
  const crept = anchor?.crept.map(({ row, effect }) => `${row}: x${effect.toPrecision(2)}`).sort();
  return { runs, distance, ...(crept && { crept }) };
}

function sentence(row: Row): string {
  const flag = row.outcome === 'none' ? '' : `${row.outcome}: `;
  const effect = row.effect === null ? '' : `, x${row.effect.toPrecision(2)}`;
  const cause = row.explainedBy ? `, explained by ${row.explainedBy}` : '';
  return `${flag}${row.id}: ${row.verdict}, ${row.reason}${effect}${cause}`;
}

function measurement(folder: string, name: string) {
  const sketch = read(join(folder, `${name}.json`));
  return sketch && measurementOf(sketch as unknown as Sketch);
}

/** `history.json`: how many runs of the baseline's sketch, how far their machine drifts, and what the anchor was like. */
function historyOf(folder: string): Partial<CompareInput> {
  const history = read(join(folder, 'history.json'));
  if (!history) return {};
  const baseline = read(join(folder, 'baseline.json')) as unknown as Sketch;
  const anchor = measurement(folder, 'anchor');
  const runs = Array.from({ length: Number(history.runs) }, (_, index) =>
    measurementOf({
      ...baseline,
      id: `run ${index}`,
      seed: 100 + index,
      factor: Math.exp(Number(history.drift) * Math.sin(index)),
    }),
  );
  const facts = { distance: 3, fingerprint: 'f'.repeat(12) };
  return { history: { runs, ...facts, ...(anchor && { anchor: { name: 'v1.0.0', measurement: anchor } }) } };
}

function policyOf(folder: string): Policy {
  const { limits, ...rest } = read(join(folder, 'policy.json')) as Partial<Policy> & {
    limits?: Partial<Record<Quantity, Limit>>;
  };
  return { ...withLimits(STANDARD, limits ?? {}), ...rest };
}

type Json = { [key: string]: unknown };

/** A JSON file; `extends` names another one that it changes key by key, and null takes a key away. */
function read(file: string): Json | undefined {
  if (!existsSync(file)) return undefined;
  const { extends: parent, ...own } = JSON.parse(readFileSync(file, 'utf8')) as Json;
  return typeof parent === 'string' ? merge(read(join(dirname(file), parent)) ?? {}, own) : own;
}

function merge(base: Json, changes: Json): Json {
  const merged: Json = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    const before = merged[key];
    if (change === null) delete merged[key];
    else if (isPlain(change) && isPlain(before) && !('about' in change)) merged[key] = merge(before, change);
    else merged[key] = change;
  }
  return merged;
}

function isPlain(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a case needs a candidate.json');
  return value;
}

function expectFile(file: string, value: object): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) {
    rmSync(`${file}.got`, { force: true });
    return;
  }
  writeFileSync(`${file}.got`, text);
  expect(value).toEqual(
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : `nothing: see ${file}.got`,
  );
}
