import { describe, expect, test } from 'vitest';
import { callChanges } from '../../src/compare/call-changes.ts';
import type { CallEdge } from '../../src/measurement.ts';

const PARENT = 'server:shop:GET /a';
const CHILD = 'client:shop:query';
const TRACES = 100;

function side(edge: CallEdge | null) {
  return { traces: TRACES, edges: edge === null ? {} : { [PARENT]: { [CHILD]: edge } } };
}

function kindsOf(before: CallEdge | null, after: CallEdge | null): readonly string[] {
  return callChanges(side(before), side(after)).flatMap(({ kinds }) => kinds);
}

describe('calls from one span to another', () => {
  test.each<[string, CallEdge | null, CallEdge | null, readonly string[]]>([
    ['are the same', { calls: 100 }, { calls: 100 }, []],
    ['are new', null, { calls: 100 }, ['new']],
    ['are not new where chance made a few', null, { calls: 3 }, []],
    ['are gone', { calls: 100 }, null, ['gone']],
    ['are more', { calls: 100 }, { calls: 1100 }, ['more']],
    ['are fewer', { calls: 1100 }, { calls: 100 }, ['fewer']],
    ['are about as many, as a cache makes it', { calls: 30 }, { calls: 38 }, []],
    [
      'run one after another now',
      { calls: 500, overlapping: 400 },
      { calls: 500, overlapping: 2 },
      ['serial'],
    ],
    ['run side by side now', { calls: 500 }, { calls: 500, overlapping: 400 }, ['parallel']],
    ['are retried', { calls: 100 }, { calls: 130, retries: 30 }, ['retried']],
    ['are retried as before', { calls: 130, retries: 28 }, { calls: 130, retries: 30 }, []],
    [
      'are more, and one after another',
      { calls: 200, overlapping: 100 },
      { calls: 1100 },
      ['more', 'serial'],
    ],
  ])('%s', (_, before, after, kinds) => {
    expect(kindsOf(before, after)).toEqual(kinds);
  });

  test('say nothing where a side has no trace', () => {
    expect(callChanges({ traces: 0, edges: {} }, side({ calls: 100 }))).toEqual([]);
  });
});
