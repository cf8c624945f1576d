/**
 * Which rows of the concurrency probe say nothing of their own: what is slower for one request at a time is slower for
 * eight too, and a load that is slower as a whole is so in each of its operations.
 */
import { sum } from 'simple-statistics';
import type { Measurement } from '../measurement.ts';
import type { Row } from './comparison.ts';
import { isWait } from './concurrency-pairs.ts';
import { isTimed, type PlacedInstance, placedInstances } from './series.ts';

/**
 * A slow-down under the load may look this much larger in the probe (as a power, so on the log scale), since requests
 * wait for one another there; and a little, which no row under the load shows.
 */
const GROWN_BY = 1.5;
const A_LITTLE = 1.1;

/**
 * The flagged rows of the probe with their causes: `explainedBy` a row under the load, which takes their outcome away
 * where it fails itself; by a wait for a connection; or by the throughput of the whole load.
 *
 * @param rows under the load, judged
 * @param probed rows of the probe
 */
export function explainProbed(
  rows: readonly Row[],
  probed: readonly Row[],
  { baseline, candidate }: { readonly baseline: Measurement; readonly candidate: Measurement },
): Row[] {
  const flagged = rows.filter(isFlagged);
  const waits = probed.filter((row) => isFlagged(row) && row.span !== null && isWait(row.span));
  const throughput = probed.find((row) => isFlagged(row) && row.quantity === 'throughput');
  const whole = throughput && { throughput, isEverywhere: isEverywhere(probed) };
  const [before, after] = [placedInstances(baseline), placedInstances(candidate)];
  return probed.map((row) => {
    if (!isFlagged(row)) return row;
    if (row.quantity === 'error-rate') return explainedErrors(row, flagged);
    const slowdown = secondsOf(after, row.operation) / secondsOf(before, row.operation);
    const cause = isAccounted(row, slowdown) ? causeUnderLoad(row, flagged) : undefined;
    if (cause) return { ...row, explainedBy: cause.id, ...(cause.outcome === 'fail' && { outcome: 'none' }) };
    const within = waits.includes(row) ? sameWait(row, waits) : causeInProbe(row, waits, whole);
    return within ? { ...row, explainedBy: within.id } : row;
  });
}

function isFlagged({ verdict, reason, outcome, level }: Row): boolean {
  return (verdict === 'regression' && outcome === 'fail') || (reason === 'screened' && level === 'fail');
}

/** Whether so much slower a load accounts for the row. */
function isAccounted({ quantity, effect }: Row, slowdown: number): boolean {
  if (effect === null || !(slowdown > 1)) return false;
  const growth = quantity === 'throughput' ? 1 / effect : effect;
  return growth <= A_LITTLE * slowdown ** GROWN_BY;
}

/** The largest one of the operation; one that fails, where there is one; one that another explains, last. */
function causeUnderLoad({ operation }: Row, flagged: readonly Row[]): Row | undefined {
  const own = flagged.filter((row) => operation === null || row.operation === operation);
  const rank = (row: Row): number =>
    (row.outcome === 'fail' ? 2 : 0) + (row.explainedBy === undefined ? 1 : 0);
  return own.sort((left, right) => rank(right) - rank(left) || sizeOf(right) - sizeOf(left))[0];
}

function sizeOf({ effect }: Row): number {
  return effect === null || effect <= 0 ? 0 : Math.abs(Math.log(effect));
}

/** All operations wait for the same pool: the one that waits longest speaks for all. */
function sameWait(row: Row, waits: readonly Row[]): Row | undefined {
  const same = waits.filter(({ span, outcome }) => span?.name === row.span?.name && outcome === row.outcome);
  const longest = same.reduce((most, wait) => (isLonger(wait, most) ? wait : most));
  return longest === row ? undefined : longest;
}

/** The median says more than a tail. */
function isLonger(left: Row, right: Row): boolean {
  if (left.quantity !== right.quantity) return left.quantity === 'p50';
  return (left.shift ?? 0) > (right.shift ?? 0);
}

/** What fails of one request at a time fails of eight too. */
function explainedErrors(row: Row, flagged: readonly Row[]): Row {
  const cause = flagged.find(
    ({ operation, span, quantity }) =>
      operation === row.operation && span === null && quantity === 'error-rate',
  );
  if (!cause || (row.shift ?? 0) > GROWN_BY * (cause.shift ?? 0)) return row;
  return { ...row, explainedBy: cause.id, ...(cause.outcome === 'fail' && { outcome: 'none' }) };
}

/** Fewer operations than this are not everything. */
const MINIMUM_OPERATIONS = 3;

/** Whether most operations wait: then it is for the process as a whole. */
function isEverywhere(probed: readonly Row[]): boolean {
  const operations = new Set(probed.flatMap(({ operation }) => operation ?? []));
  const waiting = new Set(
    probed.flatMap((row) =>
      isFlagged(row) && row.span === null && isTimed(row.quantity) ? (row.operation ?? []) : [],
    ),
  );
  return waiting.size >= MINIMUM_OPERATIONS && waiting.size > operations.size / 2;
}

function causeInProbe(
  row: Row,
  waits: readonly Row[],
  whole: { readonly throughput: Row; readonly isEverywhere: boolean } | undefined,
): Row | undefined {
  if (row.quantity === 'throughput') return undefined;
  const own = waits.filter((wait) => wait.operation === row.operation && wait.outcome === row.outcome);
  const wait = own.find(({ quantity }) => quantity === row.quantity) ?? own[0];
  if (wait && (wait.shift ?? 0) >= 0.5 * (row.shift ?? 0)) return wait;
  if (!whole?.throughput.effect || row.effect === null) return undefined;
  const isAlike = row.effect <= A_LITTLE / whole.throughput.effect;
  return isAlike || (whole.isEverywhere && row.span === null) ? whole.throughput : undefined;
}

/** Mean latency of a request of the operation, or of all as they are mixed; NaN where there was none. */
function secondsOf(instances: readonly PlacedInstance[], operation: string | null): number {
  const latencies = instances.flatMap(({ instance }) =>
    operation === null
      ? Object.values(instance.operations).flatMap(({ latency }) => latency ?? [])
      : (instance.operations[operation]?.latency ?? []),
  );
  return sum(latencies.map((latency) => latency.sum)) / sum(latencies.map((latency) => latency.count));
}
