/** Measurements of a shop that calls an inventory, with the calls between their spans. */
import type { Measurement } from '../../src/measurement.ts';
import { measurementOf, type OperationSketch, type Sketch } from '../compare/sketch.ts';

export const CART = 'server:shop:GET /cart';
export const CALL = 'client:shop:GET inventory';
export const STOCK = 'server:inventory:GET /stock';
export const QUERY = 'client:inventory:pg.query SELECT stock';

export const CART_OPERATION: OperationSketch = {
  latency: 0.01,
  spans: {
    [CART]: { duration: 0.009, self: 0.001 },
    [CALL]: { duration: 0.006, self: 0.001 },
    [STOCK]: { duration: 0.005, self: 0.001 },
    [QUERY]: { duration: 0.004 },
  },
};

/** Parent, child and calls in all. */
export type Edge = readonly [parent: string, child: string, calls?: number];

export const CART_EDGES: readonly Edge[] = [
  [CART, CALL],
  [CALL, STOCK],
  [STOCK, QUERY],
];

const REQUESTS = 3_200;

export function cart(sketch: Partial<Sketch> = {}, edges: readonly Edge[] = CART_EDGES): Measurement {
  const measured = measurementOf({ operations: { 'GET /cart': CART_OPERATION }, ...sketch });
  const byParent: Record<string, Record<string, { readonly calls: number }>> = {};
  for (const [parent, child, calls = REQUESTS] of edges) {
    byParent[parent] = { ...byParent[parent], [child]: { calls } };
  }
  const { 'GET /cart': own, ...others } = measured.merged;
  if (!own) return measured;
  return { ...measured, merged: { 'GET /cart': { ...own, edges: byParent }, ...others } };
}

/** The operation of the cart with other spans, or without some of them. */
export function operation(
  spans: OperationSketch['spans'],
  more: Partial<OperationSketch> = {},
): Sketch['operations'] {
  return { 'GET /cart': { ...CART_OPERATION, ...more, spans: { ...CART_OPERATION.spans, ...spans } } };
}

export const GONE = { duration: 0.001, calls: 0 };
