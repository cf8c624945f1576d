/** Several scenarios in one gate: what was found of one must not be lost for another. */
import type { Comparison } from './compare/comparison.ts';
import { EXIT, UserError } from './errors.ts';
import type { Warning } from './measurement.ts';

/** Told of a scenario that could not be measured, where another one could. */
export type NotMeasured = (scenario: string, error: UserError) => void;

/**
 * One comparison each, in order. Where a scenario cannot be measured and another one can, it gets a comparison that
 * says so: a regression that was found is reported, whatever comes behind it.
 *
 * @throws what the first threw, where none could be measured; what is no fault of one scenario at once
 */
export async function eachScenario<Case>(
  cases: readonly Case[],
  steps: {
    readonly nameOf: (each: Case) => string;
    readonly gate: (each: Case) => Promise<Comparison>;
    /** The comparison of one that could not be measured. */
    readonly without: (each: Case, why: Warning) => Comparison;
    readonly tell: NotMeasured | undefined;
  },
): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  const failures: { readonly name: string; readonly error: UserError }[] = [];
  for (const each of cases) {
    try {
      comparisons.push(await steps.gate(each));
    } catch (error) {
      if (!(error instanceof UserError) || error.exitCode !== EXIT.couldNotMeasure) throw error;
      failures.push({ name: steps.nameOf(each), error });
      comparisons.push(steps.without(each, warningOf(error)));
    }
  }
  const [first] = failures;
  if (first && failures.length === cases.length) throw first.error;
  for (const { name, error } of failures) steps.tell?.(name, error);
  return comparisons;
}

function warningOf({ message, hint }: UserError): Warning {
  return { code: 'scenario-not-measured', message: hint === undefined ? message : `${message} ${hint}` };
}
