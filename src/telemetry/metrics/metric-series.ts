/**
 * From the data points of OTLP to what was recorded between two times. Delta points say that themselves; of
 * cumulative ones the difference of two is taken, and where a process began anew, the later one alone.
 */
import type { MetricPoint } from '../metric-point.ts';
import { bucketsSince } from './metric-buckets.ts';
import type { OtlpPoint, PointVisitor } from './otlp-point.ts';

/** A second for each of a thousand series and five minutes; more is one series a user, or an attack. */
const MOST_POINTS = 300_000;

/** Collects the points of some metrics. */
export class MetricSeries implements PointVisitor {
  readonly #wanted: ReadonlySet<string>;
  readonly #since: number;
  readonly #series = new Map<string, OtlpPoint[]>();
  readonly #services = new Set<string>();
  #count = 0;
  #dropped = 0;

  /** @param since seconds since 1970: what was counted before belongs to another load, where a sum goes back so far */
  constructor(wanted: ReadonlySet<string>, since = 0) {
    this.#wanted = wanted;
    this.#since = since;
  }

  /** Services that sent any metric, wanted or not. */
  get services(): ReadonlySet<string> {
    return this.#services;
  }

  /** Points beyond a limit. */
  get dropped(): number {
    return this.#dropped;
  }

  wants(name: string): boolean {
    return this.#wanted.has(name);
  }

  other({ service }: OtlpPoint['resource']): void {
    this.#services.add(service);
  }

  point(point: OtlpPoint): void {
    this.#services.add(point.resource.service);
    if (this.#count >= MOST_POINTS) {
      this.#dropped += 1;
      return;
    }
    this.#count += 1;
    const key = seriesKey(point);
    const known = this.#series.get(key);
    if (known === undefined) this.#series.set(key, [point]);
    else known.push(point);
  }

  points(): readonly MetricPoint[] {
    return [...this.#series.values()].flatMap((members) => intervalsOf(members, this.#since));
  }
}

/** Cumulative points of two processes may differ in nothing but the time at which they began. */
function seriesKey({
  resource,
  scope,
  name,
  kind,
  temporality,
  monotonic,
  attributes,
  from,
}: OtlpPoint): string {
  const began = temporality === 'cumulative' && kind !== 'gauge' ? from : 0;
  const sorted = Object.entries(attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([resource.identity, scope, name, kind, temporality, monotonic, began, sorted]);
}

function intervalsOf(members: readonly OtlpPoint[], since: number): readonly MetricPoint[] {
  const sorted = members.toSorted((left, right) => left.to - right.to || left.value - right.value);
  // A batch that is sent again, since its answer was lost, brings the same points.
  const points = sorted.filter((point, at) => !isSame(point, sorted[at - 1]));
  const [first] = points;
  if (first === undefined) return [];
  if (first.kind === 'gauge') return points.map((point) => reading(point, point.value));
  if (first.kind === 'sum' && !first.monotonic) return readingsOf(points);
  return points.flatMap((point, at) => increaseOf(point, points[at - 1], since) ?? []);
}

function isSame(point: OtlpPoint, before: OtlpPoint | undefined): boolean {
  return point.to === before?.to && point.from === before.from && point.value === before.value;
}

/** A sum that rises and falls is read like a gauge; sent as differences, it has to be summed up first. */
function readingsOf(points: readonly OtlpPoint[]): readonly MetricPoint[] {
  let value = 0;
  return points.map((point) => {
    value = point.temporality === 'delta' ? value + point.value : point.value;
    return reading(point, value);
  });
}

function reading(point: OtlpPoint, value: number): MetricPoint {
  return { ...outerOf(point), kind: 'gauge', value, from: point.to, to: point.to };
}

function increaseOf(point: OtlpPoint, before: OtlpPoint | undefined, since: number): MetricPoint | null {
  const { kind, from, to, value, count, temporality, min, max, buckets } = point;
  const whole = {
    ...{ ...outerOf(point), kind, value, count, from: from > 0 ? from : (before?.to ?? to), to },
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(buckets && { buckets }),
  };
  if (temporality === 'delta') return whole;
  // Since when it has been counted is not known, so it may be hours of another load.
  if (before === undefined && from > 0 && from < since) {
    // That the metric is there is known, and nothing of what it counted.
    return { ...outerOf(point), kind, value: 0, count: 0, from: to, to };
  }
  if (before === undefined) return from > 0 ? whole : null;
  if (value < before.value && kind === 'sum') return { ...whole, from: before.to };
  if (kind === 'histogram' && count < before.count) return { ...whole, from: before.to };
  const grown = buckets && before.buckets ? bucketsSince(before.buckets, buckets) : null;
  // The smallest and the largest are those of all its life, and not of this stretch.
  return {
    ...{ ...outerOf(point), kind, value: value - before.value, count: count - before.count },
    ...{ from: before.to, to },
    ...(grown && { buckets: grown }),
  };
}

function outerOf({ resource, name, unit, attributes, isWithoutSum, exemplars }: OtlpPoint) {
  const { service, pid } = resource;
  const hasAttributes = Object.keys(attributes).length > 0;
  return {
    ...{ service, pid, threadId: 0, name, unit },
    ...(hasAttributes && { attributes }),
    ...(isWithoutSum && { isWithoutSum }),
    // Of cumulative points they may be of any time: each has its own.
    ...(exemplars && { exemplars }),
  };
}
