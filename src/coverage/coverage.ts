/**
 * What the baseline leads one to expect of a measurement's spans, and what of it is not there: the coverage contract.
 * It is about telemetry that has become worse, which figures alone can hide. Pure.
 */
import type { CoverageState } from '../config.ts';
import type { Measurement } from '../measurement.ts';
import { collapsedNames, missingCalls, missingServices, multipliedNames } from './expected-names.ts';
import { underSampled } from './expected-spans.ts';
import { errorsWithoutStatus, logsWithoutTrace, operationsWithoutServerSpan } from './expected-telemetry.ts';

export interface CoverageFinding {
  readonly state: CoverageState;
  /** Absent where it is about several, or about none. */
  readonly operation?: string;
  readonly service?: string;
  /** One or two whole sentences: what, where, what to do. */
  readonly message: string;
}

export interface CoverageSides {
  /** Under the new names of spans that were renamed. */
  readonly baseline: Measurement;
  readonly candidate: Measurement;
}

/** In the order of what explains most: a service without spans has no calls either. */
export function coverageFindings(sides: CoverageSides): readonly CoverageFinding[] {
  return [
    ...missingServices(sides),
    ...operationsWithoutServerSpan(sides),
    ...underSampled(sides),
    ...collapsedNames(sides),
    ...multipliedNames(sides),
    ...missingCalls(sides),
    ...errorsWithoutStatus(sides),
    ...logsWithoutTrace(sides),
  ];
}
