/**
 * The exact rank-sum test of Wilcoxon (1945) and Mann and Whitney (1947), one-sided: how often so few pairs would
 * stand in the wrong order if all values came from one source. Ties count as standing in the wrong order.
 * R: wilcox.test(higher, lower, alternative = "greater", exact = TRUE).
 */
import { combinations } from './labelings.ts';

/**
 * @returns p that `higher` lies above `lower` by chance alone; 1 where a side is empty
 * @example rankSumP([4, 5, 6], [1, 2, 3]) // 1 / 20
 */
export function rankSumP(higher: readonly number[], lower: readonly number[]): number {
  let wrong = 0;
  for (const high of higher) for (const low of lower) if (high <= low) wrong += 1;
  const asFew = ordersByWrongPairs(higher.length, lower.length, wrong).reduce((sum, count) => sum + count, 0);
  return asFew / combinations(higher.length + lower.length, higher.length);
}

/**
 * In how many orders of `a` and `b` values 0, 1, … `most` pairs stand in the wrong order. By the recursion of Mann
 * and Whitney over the smallest value: it is one of the `b`, where it belongs, or one of the `a`, and stands in the
 * wrong order with all of the `b`.
 */
function ordersByWrongPairs(a: number, b: number, most: number): Float64Array {
  let column = Array.from({ length: b + 1 }, () => single(most));
  for (let i = 1; i <= a; i += 1) {
    const next = [single(most)];
    for (let j = 1; j <= b; j += 1) {
      const counts = Float64Array.from(next[j - 1] as Float64Array);
      const fewer = column[j] as Float64Array;
      for (let wrong = j; wrong <= most; wrong += 1) {
        counts[wrong] = (counts[wrong] as number) + (fewer[wrong - j] as number);
      }
      next.push(counts);
    }
    column = next;
  }
  return column[b] as Float64Array;
}

/** One order, with no pair in the wrong order. */
function single(most: number): Float64Array {
  const counts = new Float64Array(most + 1);
  counts[0] = 1;
  return counts;
}
