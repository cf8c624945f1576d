import { describe, expect, it } from 'vitest';
import type { SpanRename } from '../../src/config.ts';
import { withCoverage } from '../../src/coverage/covered.ts';
import { findRenames, withNewNames } from '../../src/coverage/span-renames.ts';
import { compareMeasurements } from '../../src/gate.ts';
import type { Measurement } from '../../src/measurement.ts';
import { STANDARD } from '../compare/policies.ts';
import { CALL, CART, cart, GONE, operation, QUERY, STOCK } from './sketched.ts';

const SELECT = 'client:inventory:select';
const RENAME: SpanRename = { from: 'pg.query SELECT stock', to: 'select', service: null };

/** The build whose query has another name, and may be slower. */
function renamed({ slower = 1, to = SELECT } = {}): Measurement {
  const spans = { [QUERY]: GONE, [to]: { duration: 0.004 * slower } };
  return cart({ id: 'head', seed: 5, operations: operation(spans) }, [
    [CART, CALL],
    [CALL, STOCK],
    [STOCK, to],
  ]);
}

function compared(candidate: Measurement, renames: readonly SpanRename[]) {
  const result = compareMeasurements(cart({ id: 'base' }), candidate, {
    scenario: { policy: STANDARD, renames },
    world: { now: () => new Date('2026-01-02T00:00:00Z'), seed: 1, tool: 'spangate' },
  });
  return result.comparisons[0] as NonNullable<(typeof result.comparisons)[0]>;
}

describe('a span that was given another name', () => {
  it('is one that is gone and one that is new, without an entry', () => {
    const { rows } = compared(renamed(), []);
    const states = rows.filter(({ quantity }) => quantity === 'calls').map(({ verdict }) => verdict);
    expect(states).toContain('removed');
    expect(states).toContain('added');
  });

  it('is compared with what it was under its old name', () => {
    const { rows, coverage = [] } = compared(renamed({ slower: 1.6 }), [RENAME]);
    expect(rows.some(({ verdict }) => verdict === 'added' || verdict === 'removed')).toBe(false);
    const row = rows.find(({ id }) => id === `GET /cart | ${SELECT} | p50`);
    expect(row?.baseline).toBeCloseTo(0.004, 3);
    expect(row?.effect).toBeCloseTo(1.6, 1);
    expect(coverage.map(({ state }) => state)).toContain('renamed');
  });

  it('has its new name everywhere: in records, tails, calls and examples', () => {
    const baseline = cart({ id: 'base' });
    const full: Measurement = {
      ...baseline,
      rounds: baseline.rounds.map((round) => ({
        ...round,
        instances: round.instances.map((instance) => ({
          ...instance,
          operations: Object.fromEntries(
            Object.entries(instance.operations).map(([name, record]) => [
              name,
              { ...record, tail: { traces: 1, critical: { [QUERY]: 1 } } },
            ]),
          ),
        })),
      })),
      exemplars: [
        {
          ...{ operation: 'GET /cart', why: 'slow', traceId: 'a'.repeat(32), duration: 1 },
          startedAt: '2026-01-01T00:00:00.000Z',
          spans: [{ span: QUERY, start: 0, duration: 1 }],
        },
      ],
    };
    const found = findRenames(full, renamed(), [RENAME]);
    const text = JSON.stringify(withNewNames(full, found));
    expect(text).not.toContain('pg.query');
    expect(text.match(/client:inventory:select/g)?.length).toBe(
      JSON.stringify(full).match(/client:inventory:pg.query SELECT stock/g)?.length,
    );
  });

  it('is not touched where it is of another service', () => {
    const { rows, warnings } = compared(renamed(), [{ ...RENAME, service: 'shop' }]);
    expect(rows.some(({ verdict }) => verdict === 'removed')).toBe(true);
    expect(warnings.map(({ code }) => code)).toContain('rename-unmatched');
  });
});

describe('an entry of renames that applies to nothing', () => {
  it.each([
    [
      'no span had the old name',
      { from: 'pg.query', to: 'select', service: null },
      'The entry "pg.query" under "renames" applies to nothing: no span of the baseline is called "pg.query"; the name has to be the whole one.',
    ],
    [
      'no span has the new name',
      { ...RENAME, to: 'choose', service: 'inventory' },
      'The entry "pg.query SELECT stock" under "renames" of "inventory" applies to nothing: no span that was measured is called "choose".',
    ],
    [
      'the baseline has the new name',
      { from: 'query', to: 'GET /stock', service: null },
      'The entry "query" under "renames" applies to nothing: the baseline has "GET /stock" already, so the entry can go.',
    ],
    [
      'the old name is still there',
      { from: 'GET /stock', to: 'select', service: null },
      'The entry "GET /stock" under "renames" applies to nothing: spans called "GET /stock" are still made, so the two names are two spans.',
    ],
  ])('says so where %s', (_, rename, message) => {
    const { warnings } = compared(renamed(), [rename]);
    expect(warnings).toContainEqual({ code: 'rename-unmatched', message });
  });

  it.each(['client:shop:select', 'internal:inventory:select'])('says so where the new span is %s', (to) => {
    const { warnings } = compared(renamed({ to }), [RENAME]);
    expect(warnings).toContainEqual({
      code: 'rename-unmatched',
      message:
        'The entry "pg.query SELECT stock" under "renames" applies to nothing: "pg.query SELECT stock" in the baseline and "select" now are of another operation, service or kind, so they are two spans.',
    });
  });

  it('leaves a measurement as it was', () => {
    const baseline = cart();
    expect(withNewNames(baseline, findRenames(baseline, cart(), [RENAME]))).toBe(baseline);
  });

  it('is not told where there is no baseline', () => {
    const comparison = compared(renamed(), []);
    const contract = { renames: [{ from: 'a', to: 'b', service: null }] };
    const sides = { baseline: null, candidate: renamed() };
    expect(withCoverage(comparison, contract, sides)).toBe(comparison);
  });
});
