/** What the rows of a run moved by, all together: the mood of the machine in that hour. */
import { median } from 'simple-statistics';
import type { Pair } from './judgement.ts';

/** How far a row of a run lies from where it usually is, on the log scale. */
export interface RowMove {
  readonly pair: Pair;
  readonly move: number;
}

/** With fewer spans, a slow service and a slow machine look alike. */
const LEAST_SPANS = 6;

/** Median over the spans inside requests; 0 where they are too few to tell. */
export function commonMove(moves: readonly RowMove[]): number {
  const spans = moves.filter(({ pair }) => pair.operation !== null && pair.span !== null);
  return spans.length < LEAST_SPANS ? 0 : median(spans.map(({ move }) => move));
}
