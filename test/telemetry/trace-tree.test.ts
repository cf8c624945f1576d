import { expect, test } from 'vitest';
import { type TraceNode, traceTree } from '../../src/telemetry/trace-tree.ts';
import { type DrawnSpan, drawnTraceId, drawTable } from './drawn-spans.ts';

const TRACE = { request: 0, serial: 1 };

function shapeOf(nodes: readonly TraceNode[]): unknown[] {
  return nodes.map(({ name, offsetSeconds, children }) => [name, offsetSeconds, ...shapeOf(children)]);
}

function treeOf(spans: readonly DrawnSpan[]): readonly TraceNode[] {
  return traceTree({ spans: drawTable(spans) }, drawnTraceId(TRACE));
}

test('orders children by their start and counts it from the first span of the trace', () => {
  const tree = treeOf([
    { trace: TRACE, id: 3, parent: 1, name: 'late', start: 103, duration: 1 },
    { trace: TRACE, id: 2, parent: 1, name: 'early', start: 101, duration: 1 },
    {
      trace: TRACE,
      id: 1,
      parent: 'minted',
      name: 'root',
      kind: 'server',
      error: 'Oops',
      start: 100,
      duration: 5,
    },
    { trace: { request: 0, serial: 2 }, id: 4, parent: 1, name: 'of another trace', start: 0, duration: 1 },
  ]);
  expect(shapeOf(tree)).toEqual([['root', 0, ['early', 1], ['late', 3]]]);
  expect(tree[0]).toMatchObject({ kind: 'server', status: 'error', errorType: 'Oops', durationSeconds: 5 });
});

test('shows spans whose parent was lost at the top', () => {
  const tree = treeOf([
    { trace: TRACE, id: 1, parent: 'minted', name: 'root', start: 0, duration: 5 },
    { trace: TRACE, id: 2, parent: 99, name: 'lost', start: 1, duration: 1 },
    { trace: TRACE, id: 3, parent: 2, name: 'below', start: 1, duration: 1 },
  ]);
  expect(shapeOf(tree)).toEqual([
    ['root', 0],
    ['lost', 1, ['below', 1]],
  ]);
});

test('does not run in circles when ids are damaged', () => {
  expect(
    shapeOf(
      treeOf([
        { trace: TRACE, id: 1, parent: 2, name: 'a', start: 0, duration: 1 },
        { trace: TRACE, id: 2, parent: 1, name: 'b', start: 0, duration: 1 },
      ]),
    ),
  ).toEqual([]);
});

test('is empty for a trace that was not received', () => {
  expect(treeOf([])).toEqual([]);
});
