/**
 * Holm's step-down adjustment: the chance of any false alarm over the whole family stays at alpha, whatever the
 * dependence between the tests, and it is never weaker than Bonferroni's.
 * Source: Holm (1979), https://www.jstor.org/stable/4615733; R: p.adjust(p, "holm").
 *
 * @returns adjusted p-values in the order of `pValues`
 * @example holm([0.01, 0.04, 0.03]) // [0.03, 0.06, 0.06]
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((left, right) => left.p - right.p);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}
