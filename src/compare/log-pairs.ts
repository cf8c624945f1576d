/** Rows of log records: of each operation, service and severity that a side has a record of. */
import type { Policy } from '../config.ts';
import type { Pair } from './judgement.ts';
import { type PlacedInstance, seriesOf } from './series.ts';
import { strictestLimitFor } from './stricter-policy.ts';
import { tallyOf } from './tallies.ts';

const QUANTITIES = ['error-logs', 'warn-logs'] as const;

export function logPairs(
  before: readonly PlacedInstance[],
  after: readonly PlacedInstance[],
  policy: Policy,
): readonly Pair[] {
  return loggingServices([...before, ...after]).flatMap(([operation, service]) =>
    QUANTITIES.flatMap((quantity) => {
      const source = { operation, spanId: null, quantity, service };
      const baseline = seriesOf(before, source);
      const candidate = seriesOf(after, source);
      // A row for what nobody ever logged says nothing.
      if (tallyOf(baseline).events + tallyOf(candidate).events === 0) return [];
      return [
        {
          ...source,
          id: `${operation} | logs:${service} | ${quantity}`,
          span: null,
          limit: strictestLimitFor(policy, { operation, span: null, quantity, service }),
          baseline,
          candidate,
        },
      ];
    }),
  );
}

/** Sorted, so that rows have the same order whichever side saw a name first. */
function loggingServices(instances: readonly PlacedInstance[]): readonly (readonly [string, string])[] {
  const found = new Map<string, readonly [string, string]>();
  for (const { instance } of instances) {
    for (const [operation, { logs = {} }] of Object.entries(instance.operations)) {
      for (const service of Object.keys(logs))
        found.set(JSON.stringify([operation, service]), [operation, service]);
    }
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, names]) => names);
}
