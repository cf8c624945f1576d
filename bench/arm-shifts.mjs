/**
 * What rounds of one build beside itself say: whether the arms are exchangeable, and how much instances of identical
 * code differ. A line of the results is one round: `rows[row][arm]` lists a quantile of each instance, in seconds.
 */

/** Below that many requests an instance a quantile of 0.9 is little more than one of its slowest requests. */
export const LEAST_SAMPLES = 100;

/**
 * Mean shift of head against base over the rounds, with its standard error, by row and quantile.
 *
 * @param lines rounds with the same service and model
 * @returns {{ row: string, quantile: string, rounds: number, shift: number, standardError: number, t: number,
 *   spread: number }[]} shift: mean of the rounds' differences of mean logarithms (0.01 is 1 %); spread: standard
 *   deviation between instances of one arm in one round, likewise
 */
export function armShifts(lines) {
  const shifts = new Map();
  for (const line of lines.filter((each) => each.invalid === null)) {
    for (const [row, arms] of Object.entries(line.rows)) {
      for (const quantile of ['p50', 'p90']) {
        const [base, head] = ['base', 'head'].map((arm) => arms[arm].map((each) => Math.log(each[quantile])));
        if ([...arms.base, ...arms.head].some((each) => each.count < LEAST_SAMPLES)) continue;
        const key = `${row}\n${quantile}`;
        const known = shifts.get(key) ?? { differences: [], squares: 0, freedom: 0 };
        known.differences.push(mean(head) - mean(base));
        known.squares += squaresOf(base) + squaresOf(head);
        known.freedom += base.length + head.length - 2;
        shifts.set(key, known);
      }
    }
  }
  return [...shifts].flatMap(([key, { differences, squares, freedom }]) => {
    if (differences.length < 2) return [];
    const [row, quantile] = key.split('\n');
    const shift = mean(differences);
    const standardError = Math.sqrt(squaresOf(differences) / (differences.length - 1) / differences.length);
    const spread = Math.sqrt(squares / freedom);
    return [
      { row, quantile, rounds: differences.length, shift, standardError, t: shift / standardError, spread },
    ];
  });
}

/** Quantiles of every instance, by row: what the client saw, and every span, of each request. */
export function rowsOf({ base, head }) {
  const rows = {};
  for (const [arm, measurement] of [
    ['base', base],
    ['head', head],
  ]) {
    for (const instance of measurement.rounds.at(-1)?.instances ?? []) {
      for (const [operation, record] of Object.entries(instance.operations)) {
        add(`${operation} · client`, record.latency);
        for (const [id, span] of Object.entries(record.spans)) add(`${operation} · ${id}`, span.duration);
      }
    }
    function add(row, distribution) {
      if (!distribution) return;
      const { count, p50, p90, p99 } = distribution;
      rows[row] ??= { base: [], head: [] };
      rows[row][arm].push({ count, p50, p90, p99 });
    }
  }
  // A span that some instance never made has no place in a comparison of all of them.
  return Object.fromEntries(
    Object.entries(rows).filter(([, { base: one, head: other }]) => one.length === other.length),
  );
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squaresOf(values) {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}
