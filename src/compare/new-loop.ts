/**
 * A loop of calls under a name that the baseline does not have. A new span is a matter of policy, off by default,
 * since code that is split or renamed makes new ones; but one query that became one query a line is more work for
 * every request, whatever the queries are called.
 */
import type { CallsPerContent } from '../measurement.ts';
import type { Pair } from './judgement.ts';
import { rateOf, tallyOf } from './tallies.ts';

/** As for calls that are constant: with fewer traces, one retry would look like a loop. */
const MINIMUM_TRACES = 30;
/** More calls of one kind in one request are a loop; two can come of a query that was split. */
const LOOP = 2;

/**
 * Whether requests call `added` in a loop, and all calls to other systems of the operation grew beyond the limit.
 *
 * @param calls the rows of calls of the same operation
 */
export function isNewLoop(
  added: Pair,
  calls: readonly Pair[],
  contents: CallsPerContent | undefined,
): boolean {
  if (added.span?.kind !== 'client' || contents?.state !== 'constant') return false;
  if (contents.traces < MINIMUM_TRACES) return false;
  const most = Math.max(0, ...contents.runs.map(([count]) => count ?? 0));
  if (most <= LOOP) return false;
  const clients = calls.filter((pair) => pair.span?.kind === 'client');
  const before = total(clients, 'baseline');
  const after = total(clients, 'candidate');
  const { fail, atLeast } = added.limit;
  return after - before >= atLeast && after >= before * (1 + fail);
}

/** Calls to other systems of one request. */
function total(pairs: readonly Pair[], side: 'baseline' | 'candidate'): number {
  return pairs.reduce((sum, pair) => sum + (rateOf(tallyOf(pair[side])) ?? 0), 0);
}
