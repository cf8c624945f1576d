/**
 * How much slower an instance answers than the others of its round, request by request: every block of the load sends
 * the same content to all instances within a moment, so what the content costs, and what the machine does at that
 * moment, cancels in the difference. Medians of all that an instance was sent keep both (docs/statistics.md).
 */
import { quantileSorted } from '../quantile.ts';
import type { BlockLogs } from '../telemetry/block-durations.ts';

/** As many as a median of one instance needs. */
export const LEAST_BLOCKS = 20;

/** A value that is missing may be missing because it would have been slow: then all values say it, or none. */
const LEAST_SHARE = 0.5;

/**
 * Of each instance, the mean over all instances of the median of the differences to it, over the blocks that all
 * instances have a value of. The means sum to zero, and a change of every value of an instance by a factor changes
 * its distance to all others by the factor's logarithm: it is not drawn towards them, as a difference to the middle of
 * the block would be, which is in part the instance's own value.
 *
 * @param instances natural logarithms of the values of each instance, by block
 * @returns natural logarithms, one an instance, or null where too few blocks are complete
 */
export function matchedMedians(instances: readonly BlockLogs[]): readonly number[] | null {
  const [first] = instances;
  if (!first || instances.length < 2) return null;
  const complete: number[] = [];
  for (const [block, value] of first) {
    if (!Number.isFinite(value)) continue;
    if (instances.every((logs) => Number.isFinite(logs.get(block) ?? Number.NaN))) complete.push(block);
  }
  const most = Math.max(...instances.map(({ size }) => size));
  if (complete.length < LEAST_BLOCKS || complete.length < LEAST_SHARE * most) return null;
  const columns = instances.map((logs) => Float64Array.from(complete, (block) => logs.get(block) ?? 0));
  const levels = new Float64Array(instances.length);
  const differences = new Float64Array(complete.length);
  for (const [left, column] of columns.entries()) {
    for (let right = left + 1; right < columns.length; right += 1) {
      const other = columns[right] as Float64Array;
      for (let index = 0; index < differences.length; index += 1)
        differences[index] = (column[index] ?? 0) - (other[index] ?? 0);
      const median = quantileSorted(differences.sort(), 0.5) / instances.length;
      levels[left] = (levels[left] ?? 0) + median;
      levels[right] = (levels[right] ?? 0) - median;
    }
  }
  return [...levels];
}
