import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selfTimes } from '../../src/telemetry/self-time.ts';
import { indexTraces } from '../../src/telemetry/trace-index.ts';
import { type DrawnSpan, drawTable } from './drawn-spans.ts';

/** Trees of spans on a grid of whole seconds, so that a naive implementation can count the seconds one by one. */
const trees = fc
  .array(
    fc.record({
      parent: fc.nat(30),
      start: fc.integer({ min: -5, max: 40 }),
      duration: fc.nat(25),
      trace: fc.constantFrom('1', '2'),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((nodes) =>
    nodes.map(
      ({ parent, start, duration, trace }, id): DrawnSpan => ({
        ...{ id, name: 'n', start, duration, trace },
        // A parent in another trace, or one that does not exist, is none.
        parent: id === 0 ? null : parent % (id + 3) === id ? id + 1 : parent % (id + 3),
      }),
    ),
  );

function naiveSelfTimes(spans: readonly DrawnSpan[]): number[] {
  return spans.map((span) => {
    const children = spans.filter(
      (child) => child.parent === span.id && child.trace === span.trace && child.id !== span.id,
    );
    let seconds = 0;
    for (let second = span.start; second < span.start + span.duration; second += 1) {
      if (!children.some((child) => second >= child.start && second < child.start + child.duration))
        seconds += 1;
    }
    return seconds;
  });
}

test('self time is the seconds of a span in which no child runs', () => {
  fc.assert(
    fc.property(trees, (spans) => {
      const table = drawTable(spans);
      expect([...selfTimes(table, indexTraces(table))]).toEqual(naiveSelfTimes(spans));
    }),
    { seed: 20_26, numRuns: 500 },
  );
});

test('self time is never negative and never more than the duration', () => {
  const time = fc.double({ min: 0, max: 1, noNaN: true });
  const spans = fc.array(fc.record({ start: time, duration: time, parent: fc.nat(9) }), { maxLength: 10 });
  fc.assert(
    fc.property(spans, (nodes) => {
      const table = drawTable(nodes.map((node, id) => ({ ...node, id, trace: '1', name: 'n' })));
      selfTimes(table, indexTraces(table)).forEach((self, row) => {
        expect(self).toBeGreaterThanOrEqual(0);
        expect(self).toBeLessThanOrEqual(table.durationSeconds[row] ?? 0);
      });
    }),
    { seed: 20_26, numRuns: 500 },
  );
});
