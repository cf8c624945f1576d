/** Which measurements may become a baseline. */
import { EXIT, UserError } from '../errors.ts';
import type { Measurement } from '../measurement.ts';

/**
 * Whatever a baseline misses, every later gate misses too.
 *
 * @throws UserError `not-recordable` for a measurement that failed or is degraded, unless forced
 */
export function recordable(measurement: Measurement, options: { readonly force: boolean }): void {
  const { status, scenario, warnings } = measurement;
  if (status === 'complete' || options.force) return;
  throw new UserError({
    code: 'not-recordable',
    what:
      status === 'failed'
        ? `The measurement of ${scenario} has no valid round, so it was not stored as baseline.`
        : `The measurement of ${scenario} is degraded, so it was not stored as baseline.`,
    hint: 'Mend what is named here and record again, or store it as it is: spangate baseline record --force',
    detail: warnings.map((warning) => warning.message),
    exitCode: EXIT.couldNotMeasure,
  });
}

/** More rows than these help nobody; `spangate gate` shows all of them. */
const MOST_ROWS = 5;

/** @param rows what is worse than in the runs that are stored; not empty */
export function regressed(scenario: string, rows: readonly string[]): UserError {
  const more = rows.length - MOST_ROWS;
  return new UserError({
    code: 'run-regressed',
    what: `This run of ${scenario} is worse than the baseline, so it was not stored: later gates would take it for usual.`,
    hint: 'See it whole: spangate gate. Meant to be so? Store it, and let the history begin anew: spangate baseline record --force',
    detail: [...rows.slice(0, MOST_ROWS), ...(more > 0 ? [`and ${more} more`] : [])],
    exitCode: EXIT.regression,
  });
}
