import { describe, expect, test } from 'vitest';
import { blockDurations } from '../../src/telemetry/block-durations.ts';
import { DRAWN_RUN_TAG, type DrawnSpan, drawTable } from './drawn-spans.ts';

/** Two instances, so that serials 100 and 101 are of block 0. */
const BLOCKS = { firstSerial: 100, size: 2 };
const SERVER = 'server:shop:GET /';
const QUERY = 'client:shop:query';

describe('durations by block', () => {
  test('are logarithms of seconds, by request, span key and block, whatever the order of arrival', () => {
    const found = durationsOf([
      ...traced({ serial: 103, request: 1 }, [0.5]),
      ...traced({ serial: 100, request: 0 }, [0.25]),
    ]);
    expect(found[0]?.get(SERVER)).toEqual(new Map([[0, Math.log(0.25)]]));
    expect(found[1]?.get(SERVER)).toEqual(new Map([[1, Math.log(0.5)]]));
  });

  test('are the mean logarithm of the spans of a key in a request', () => {
    const [found] = durationsOf(traced({ serial: 100, request: 0 }, [1, 0.1, 0.4]));
    expect(found?.get(QUERY)?.get(0)).toBeCloseTo(Math.log(0.2), 12);
  });

  test('are of the measured requests to the instance alone', () => {
    const [found] = durationsOf([
      ...traced({ serial: 99, request: 0, phase: 'warm-up' }, [1]),
      ...traced({ serial: 101, request: 0, instance: 1 }, [1]),
      ...traced('of a timer', [1]),
    ]);
    expect(found?.size).toBe(0);
  });

  test('have no finite logarithm where a clock saw no time pass', () => {
    const [found] = durationsOf(traced({ serial: 100, request: 0 }, [0]));
    expect(found?.get(SERVER)?.get(0)).toBe(Number.NEGATIVE_INFINITY);
  });
});

let ids = 0;

/** A server span and its queries. */
function traced(trace: DrawnSpan['trace'], [root = 0, ...queries]: readonly number[]): DrawnSpan[] {
  ids += 1;
  const server = ids;
  const span = { trace, start: 0, id: server, parent: 'minted', name: 'GET /', kind: 'server' } as const;
  return [
    { ...span, duration: root },
    ...queries.map((duration): DrawnSpan => {
      ids += 1;
      return { trace, start: 0, duration, id: ids, parent: server, name: 'query', kind: 'client' };
    }),
  ];
}

function durationsOf(spans: readonly DrawnSpan[]) {
  const options = { runTag: DRAWN_RUN_TAG, instance: 0, requests: 2, blocks: BLOCKS };
  return blockDurations(drawTable(spans), options);
}
