/** Single rows for tests, without a measurement around them. */
import type { Pair } from '../../src/compare/judgement.ts';
import type { Series } from '../../src/compare/series.ts';
import type { Limit, Quantity } from '../../src/config.ts';
import { parseSpanKeyId } from '../../src/measurement.ts';
import { STANDARD } from './policies.ts';

const SPAN = 'client:api:pg.query';

/** @param limit parts that differ from the profile `standard` */
export function pairOf(
  quantity: Quantity,
  sides: { readonly baseline: Series; readonly candidate: Series },
  limit: Partial<Limit> = {},
): Pair {
  return {
    id: `list orders | ${SPAN} | ${quantity}`,
    operation: 'list orders',
    spanId: SPAN,
    span: parseSpanKeyId(SPAN),
    quantity,
    limit: { ...STANDARD.limits[quantity], ...limit },
    ...sides,
  };
}

/** Events of each instance out of `count` requests; two instances a round. */
export function tallies(events: readonly number[], count = 1000): Series {
  return events.map((each, index) => ({
    round: `round ${Math.floor(index / 2)}`,
    value: each / count,
    count,
    events: each,
  }));
}

/** Values of each instance; two instances a round. */
export function values(numbers: readonly number[], count = 1000): Series {
  return numbers.map((value, index) => ({
    round: `round ${Math.floor(index / 2)}`,
    value,
    count,
    events: 0,
  }));
}
