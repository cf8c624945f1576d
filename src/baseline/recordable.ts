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
