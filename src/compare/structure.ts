/**
 * What a request does, apart from how long it takes: operations, span keys and calls that are constant per content.
 * Facts, judged the same way in every mode and on any machine.
 */
import type { Policy } from '../config.ts';
import type { CallsPerContent, Measurement, Warning } from '../measurement.ts';
import { judgeConstantCalls } from './constant-calls.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import { judgeMissingMetrics } from './metric-pairs.ts';
import { isNewLoop } from './new-loop.ts';
import { judgePresence } from './presence.ts';
import { compareRates, tallyOf } from './tallies.ts';

export interface Structure {
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** Rows of calls that are not constant per content: they are left to a test. */
  readonly varying: readonly Pair[];
  /** Rows whose operation and span key both sides have: errors and times. */
  readonly rest: readonly Pair[];
  readonly warnings: readonly Warning[];
}

export interface Sides {
  readonly baseline: Measurement;
  readonly candidate: Measurement;
  readonly policy: Policy;
}

export function judgeStructure(pairs: readonly Pair[], sides: Sides): Structure {
  const judgements = new Map<string, Judgement>();
  const varying: Pair[] = [];
  const oneSided = new Set<string>();
  const operations = judgeOperations(pairs, sides.policy);
  for (const pair of pairs) {
    if (pair.quantity !== 'calls' || operations.oneSided.has(pair.operation)) continue;
    if (pair.operation === null) {
      judgements.set(pair.id, judgeOutsideCalls(pair));
      continue;
    }
    const presence = judgePresence(pair, sides.policy);
    if (presence && presence.reason !== 'collapsed') oneSided.add(subjectOf(pair));
    const found = (presence && withLoop(presence, pair, { pairs, sides })) ?? judgeCalls(pair, sides);
    if (found) judgements.set(pair.id, found);
    else varying.push(pair);
  }
  for (const [id, found] of operations.judgements) judgements.set(id, found);
  const missing = judgeMissingMetrics(pairs, { isNamedBefore: (name) => isNamed(sides.baseline, name) });
  for (const [id, found] of missing) judgements.set(id, found);
  return {
    judgements,
    varying,
    rest: pairs.filter(
      (pair) =>
        pair.quantity !== 'calls' &&
        !operations.oneSided.has(pair.operation) &&
        !oneSided.has(subjectOf(pair)) &&
        !missing.has(pair.id) &&
        (pair.baseline.length > 0 || pair.candidate.length > 0),
    ),
    warnings: [...operations.warnings, ...spansMissing(pairs, operations.oneSided)],
  };
}

function isNamed({ rounds }: Measurement, metric: string): boolean {
  return rounds.some(({ instances }) =>
    instances.some(({ namedMetrics = {} }) => Object.hasOwn(namedMetrics, metric)),
  );
}

/** A new span that is a loop of calls has the outcome that more calls have. */
function withLoop(
  presence: Judgement,
  pair: Pair,
  { pairs, sides }: { readonly pairs: readonly Pair[]; readonly sides: Sides },
): Judgement {
  if (presence.reason !== 'new-span' || presence.outcome === 'fail') return presence;
  const calls = pairs.filter((other) => other.quantity === 'calls' && other.operation === pair.operation);
  const isLoop = isNewLoop(pair, calls, callsPerContent(sides.candidate, pair));
  return isLoop ? { ...presence, outcome: outcomeOf(pair) } : presence;
}

function subjectOf({ operation, spanId }: Pair): string {
  return `${operation ?? '-'} | ${spanId ?? '-'}`;
}

function judgeCalls(pair: Pair, { baseline, candidate }: Sides): Judgement | null {
  return judgeConstantCalls(pair, callsPerContent(baseline, pair), callsPerContent(candidate, pair));
}

/** Calls by content of a row; undefined for spans outside any request. */
export function callsPerContent(
  measurement: Measurement,
  { operation, spanId }: Pair,
): CallsPerContent | undefined {
  if (operation === null || spanId === null) return undefined;
  return measurement.merged[operation]?.spans[spanId]?.callsPerContent;
}

/** Timers and start-up code run by the clock: their calls divided by requests say nothing about the service. */
function judgeOutsideCalls(pair: Pair): Judgement {
  const rates = compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate));
  if (pair.baseline.length === 0 || tallyOf(pair.baseline).events === 0) {
    return judgement('added', 'new-span', rates);
  }
  if (tallyOf(pair.candidate).events === 0) return judgement('removed', 'missing-span', rates);
  return judgement('unchanged', 'within-limit', rates);
}

interface Operations {
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly oneSided: ReadonlySet<string | null>;
  readonly warnings: readonly Warning[];
}

/** An operation that a side lacks is one row, and never lets a gate pass. */
function judgeOperations(pairs: readonly Pair[], policy: Policy): Operations {
  const judgements = new Map<string, Judgement>();
  const oneSided = new Set<string | null>();
  const missing: string[] = [];
  for (const pair of pairs) {
    if (pair.quantity !== 'throughput' || pair.operation === null) continue;
    const before = tallyOf(pair.baseline).trials;
    const after = tallyOf(pair.candidate).trials;
    if (before > 0 && after > 0) continue;
    oneSided.add(pair.operation);
    if (after > 0) {
      judgements.set(pair.id, judgement('added', 'no-baseline'));
      continue;
    }
    missing.push(pair.operation);
    const outcome = policy.removed === 'off' ? 'none' : policy.removed;
    judgements.set(pair.id, judgement('removed', 'missing-span', { outcome }));
  }
  return { judgements, oneSided, warnings: missing.map(operationMissing) };
}

function operationMissing(operation: string): Warning {
  return {
    code: 'operation-missing',
    message: `No request of "${operation}" was completed, which the baseline has; it was not compared.`,
  };
}

/** An operation that lost every span of its own lost its telemetry, not its work. */
function spansMissing(pairs: readonly Pair[], oneSided: ReadonlySet<string | null>): Warning[] {
  const before = new Set<string>();
  const after = new Set<string>();
  for (const pair of pairs) {
    if (pair.quantity !== 'calls' || pair.operation === null || oneSided.has(pair.operation)) continue;
    if (tallyOf(pair.baseline).events > 0) before.add(pair.operation);
    if (tallyOf(pair.candidate).events > 0) after.add(pair.operation);
  }
  return [...before]
    .filter((operation) => !after.has(operation))
    .map((operation) => ({
      code: 'spans-missing',
      message: `"${operation}" has spans in the baseline and none now: look at the telemetry of the service first.`,
    }));
}
