import { describe, expect, test } from 'vitest';
import type { Exemplar } from '../../src/measurement.ts';
import { chooseExemplars } from '../../src/runner/chosen-exemplars.ts';
import { mergeEdges } from '../../src/runner/merged-edges.ts';
import type { CallEdges } from '../../src/telemetry/call-edges.ts';

const ROOT = 'server:shop:GET /a';

function edges(children: Readonly<Record<string, number>>, overlapping = 0): CallEdges {
  const below = Object.entries(children).map(
    ([id, calls]) => [id, { calls, overlapping, retries: 0 }] as const,
  );
  return new Map([[ROOT, new Map(below)]]);
}

describe('the calls of all instances', () => {
  test('are added up, in the order of their keys, without what is 0', () => {
    const merged = mergeEdges([edges({ b: 2, a: 1 }), edges({ a: 3 }, 2)]);
    expect(JSON.stringify(merged)).toBe(
      JSON.stringify({ [ROOT]: { a: { calls: 4, overlapping: 2 }, b: { calls: 2 } } }),
    );
  });

  test('are not known where no instance knows them', () => {
    expect(mergeEdges([])).toBeNull();
  });

  test('are bounded: those of the fewest calls are left out', () => {
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, index) => [`span ${index}`, index + 1]));
    const kept = Object.values(mergeEdges([edges(many)])?.[ROOT] ?? {});
    expect(kept).toHaveLength(500);
    expect(Math.min(...kept.map(({ calls }) => calls))).toBe(201);
  });
});

describe('the example traces of a measurement', () => {
  const offered = (why: Exemplar['why'], duration: number, more: Partial<Exemplar> = {}): Exemplar => ({
    ...{ operation: 'a', why, traceId: `${why} ${duration}`, startedAt: '', duration },
    spans: [{ span: ROOT, start: 0, duration }],
    ...more,
  });
  const failed = (errorType: string) =>
    [{ span: ROOT, start: 0, duration: 1, status: 'error', errorType }] as const;

  test('are of each kind the one in the middle of what the instances offer', () => {
    const chosen = chooseExemplars([
      ...[3, 1, 2].map((duration) => offered('typical', duration)),
      ...[9, 7, 8].map((duration) => offered('slow', duration)),
      offered('typical', 5, { operation: 'b' }),
    ]);
    expect(chosen.map(({ traceId }) => traceId)).toEqual(['typical 2', 'slow 8', 'typical 5']);
  });

  test('are of failed ones the slowest of each error type', () => {
    const chosen = chooseExemplars([
      offered('error', 1, { spans: failed('Timeout') }),
      offered('error', 2, { spans: failed('Timeout') }),
      offered('error', 1.5, { spans: failed('503') }),
    ]);
    expect(chosen.map(({ duration }) => duration)).toEqual([2, 1.5]);
  });

  test('are bounded by the number of their spans', () => {
    const spans = Array.from({ length: 150 }, () => ({ span: ROOT, start: 0, duration: 1 }));
    const many = Array.from({ length: 20 }, (_, index) =>
      offered('slow', 1, { operation: `${index}`, spans }),
    );
    expect(chooseExemplars(many)).toHaveLength(8);
  });
});
