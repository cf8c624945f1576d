/**
 * Whether a round may be used, by the load model. Where two builds are measured together the answer is one for both:
 * it is made of what they share, the machine and the load generator, and never of what one of them did.
 */
import type { LoadModel } from '../config.ts';
import type { RoundConditions, Warning } from '../measurement.ts';
import type { LoadResult } from './load/load-result.ts';
import { LOWEST_ACHIEVED_SHARE, TOLERATED_LATE_SHARE } from './load/punctuality.ts';

/** One CPU second in five went to other machines: what is left comes and goes in slices as long as a request. */
const TOLERATED_STEAL = 0.2;

/** The generator's own want of files or ports, not an answer of the service. */
const GENERATOR_ERRORS: ReadonlySet<string> = new Set([
  'connection EMFILE',
  'connection ENFILE',
  'connection EADDRNOTAVAIL',
  'connection ENOBUFS',
]);

/** Pure. @param together whether two builds are measured; a build alone has nothing beside it to be told from noise */
export function roundFault(parts: {
  readonly model: Exclude<LoadModel, 'auto'>;
  readonly together: boolean;
  readonly conditions: RoundConditions;
  readonly load: Pick<LoadResult, 'instances'>;
}): Warning | null {
  const { model, together, conditions, load } = parts;
  return (
    generatorErrors(load) ??
    (model === 'open' ? unpunctual(conditions) : null) ??
    (together ? (stolen(conditions) ?? saturated(model, conditions)) : null)
  );
}

function stolen({ steal }: RoundConditions): Warning | null {
  if (steal === null || steal <= TOLERATED_STEAL) return null;
  return {
    code: 'cpu-stolen',
    message: `The hypervisor took ${percent(steal)} of the CPU time in the measured stretch. Use a runner whose cores are its own, or run again.`,
  };
}

/** In the open model a generator that is too busy is late, and that is counted. */
function saturated(model: LoadModel, { generatorSaturated }: RoundConditions): Warning | null {
  if (!generatorSaturated || model === 'open') return null;
  const fewer = model === 'closed' ? '"connections"' : '"in-flight"';
  return {
    code: 'generator-busy',
    message: `The load generator was busy all the time, so answers waited for it. Lower ${fewer} under "load".`,
  };
}

function generatorErrors({ instances }: Pick<LoadResult, 'instances'>): Warning | null {
  const errors = instances
    .flatMap(({ operations }) => operations)
    .flatMap((operation) => Object.keys(operation.errors))
    .find((type) => GENERATOR_ERRORS.has(type));
  if (errors === undefined) return null;
  return {
    code: 'generator-failed',
    message: `The load generator could not open connections (${errors.replace('connection ', '')}). Raise the limit of open files (ulimit -n), or use fewer connections.`,
  };
}

function unpunctual({ starts }: RoundConditions): Warning | null {
  if (!starts) return null;
  const { dropped, due, lateShare, achievedRate, rate } = starts;
  const reasons = [
    ...(dropped > 0 ? [`${dropped} of ${due} requests that were due were not started`] : []),
    ...(lateShare > TOLERATED_LATE_SHARE ? [`${percent(lateShare)} of the requests were started late`] : []),
    ...(achievedRate < LOWEST_ACHIEVED_SHARE * rate
      ? [`only ${percent(achievedRate / rate)} of the rate was reached`]
      : []),
  ];
  if (reasons.length === 0) return null;
  return {
    code: 'starts-missed',
    message: `The load was not what was asked for: ${reasons.join(', ')}. Lower "rate" under "load", or use the model "interleaved".`,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
