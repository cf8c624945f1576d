/** Decodes `ExportMetricsServiceRequest` as OTLP's JSON. */
import type { MetricBuckets } from '../metrics/metric-buckets.ts';
import { MOST_OF_POINT } from '../metrics/metric-exemplar.ts';
import type { OtlpPoint, PointVisitor } from '../metrics/otlp-point.ts';
import { jsonAttributes, plainValueText } from './any-value.ts';
import { jsonExemplar } from './decode-exemplar.ts';
import { enumOf, isObject, type Json, listOf, parseRequest, wordsOf } from './json-request.ts';
import { messageResource, scopeIdentity } from './resource-messages.ts';

const KINDS = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'histogram',
  summary: 'histogram',
} as const;

const TEMPORALITIES = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];
const WORD = 2 ** 32;

/** @throws MalformedJson; points before that place have been visited */
export function decodeJsonMetrics(text: string, visitor: PointVisitor): void {
  for (const resourceMetrics of listOf(parseRequest(text), 'resourceMetrics')) {
    const attributes = isObject(resourceMetrics.resource)
      ? jsonAttributes(resourceMetrics.resource, 'attributes')
      : [];
    const resource = messageResource(attributes);
    for (const scopeMetrics of listOf(resourceMetrics, 'scopeMetrics')) {
      const { name, version } = isObject(scopeMetrics.scope) ? scopeMetrics.scope : {};
      const scope = scopeIdentity(name, version);
      for (const metric of listOf(scopeMetrics, 'metrics')) {
        if (typeof metric.name === 'string' && visitor.wants(metric.name))
          visitPoints(metric, { resource, scope }, visitor);
        else visitor.other(resource);
      }
    }
  }
}

function visitPoints(
  metric: Json,
  sender: Pick<OtlpPoint, 'resource' | 'scope'>,
  visitor: PointVisitor,
): void {
  for (const [key, kind] of Object.entries(KINDS)) {
    const data = metric[key];
    if (!isObject(data)) continue;
    const outer = {
      ...sender,
      name: String(metric.name),
      unit: typeof metric.unit === 'string' ? metric.unit : '',
      kind,
      temporality: temporalityOf(data),
      monotonic: data.isMonotonic === true,
    } as const;
    for (const found of listOf(data, 'dataPoints')) {
      const point = pointOf(found, key);
      if (point !== null) visitor.point({ ...outer, ...point });
    }
  }
}

function temporalityOf({ aggregationTemporality }: Json): OtlpPoint['temporality'] {
  return enumOf(aggregationTemporality, 'AGGREGATION_TEMPORALITY_', TEMPORALITIES) === 1
    ? 'delta'
    : 'cumulative';
}

function pointOf(
  found: Json,
  key: string,
): Omit<OtlpPoint, 'resource' | 'scope' | 'name' | 'unit' | 'kind' | 'temporality' | 'monotonic'> | null {
  const read = key === 'gauge' || key === 'sum' ? (found.asDouble ?? found.asInt) : found.sum;
  // The sum of a summary is 0 where it is left out; that of a histogram was not kept.
  const value = numberOf(key === 'summary' ? (read ?? 0) : read);
  const isHistogram = key === 'histogram' || key === 'exponentialHistogram';
  if (found.flags === 1 || (value === null && !isHistogram)) return null;
  const [min, max] = [numberOf(found.min), numberOf(found.max)];
  const buckets = bucketsOf(found, key);
  const exemplars = isHistogram
    ? listOf(found, 'exemplars')
        .slice(0, MOST_OF_POINT)
        .flatMap((each) => jsonExemplar(each) ?? [])
    : [];
  return {
    from: secondsOf(found.startTimeUnixNano),
    to: secondsOf(found.timeUnixNano),
    value: value ?? 0,
    count: numberOf(found.count) ?? 0,
    attributes: Object.fromEntries(
      jsonAttributes(found, 'attributes').map(([name, each]) => [name, plainValueText(each)]),
    ),
    ...(value === null && { isWithoutSum: true }),
    ...(min !== null && { min }),
    ...(max !== null && { max }),
    ...(buckets && { buckets }),
    ...(exemplars.length > 0 && { exemplars }),
  };
}

function bucketsOf(found: Json, key: string): MetricBuckets | null {
  if (key === 'histogram') {
    const counts = numbersOf(found.bucketCounts);
    return counts.length === 0 ? null : { kind: 'explicit', bounds: numbersOf(found.explicitBounds), counts };
  }
  if (key !== 'exponentialHistogram') return null;
  const positive = isObject(found.positive) ? found.positive : {};
  const negative = isObject(found.negative) ? numbersOf(found.negative.bucketCounts) : [];
  return {
    kind: 'exponential',
    scale: numberOf(found.scale) ?? 0,
    zeroCount: negative.reduce((sum, count) => sum + count, numberOf(found.zeroCount) ?? 0),
    offset: numberOf(positive.offset) ?? 0,
    counts: numbersOf(positive.bucketCounts),
  };
}

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.map((each) => numberOf(each) ?? 0) : [];
}

/** Numbers of 64 bits are texts in JSON, and by many senders numbers all the same. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : null;
}

function secondsOf(value: unknown): number {
  const [high, low] = wordsOf(value);
  return (high * WORD + low) / 1e9;
}
