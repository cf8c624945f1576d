/**
 * Decodes `ExportMetricsServiceRequest`, protobuf, reading only metrics that somebody wants. Field numbers are those
 * of opentelemetry-proto 1.11.0, `metrics.proto`.
 */
import type { ExponentialBuckets } from '../metrics/metric-buckets.ts';
import { type MetricExemplar, MOST_OF_POINT } from '../metrics/metric-exemplar.ts';
import type { OtlpPoint, PointVisitor } from '../metrics/otlp-point.ts';
import { type PlainValue, plainValueText, readKeyValue } from './any-value.ts';
import { readExemplar } from './decode-exemplar.ts';
import { type MessageResource, resourceMessages } from './resource-messages.ts';
import { WIRE, WireReader } from './wire-reader.ts';

const { varint, fixed64, bytes: BYTES } = WIRE;
const WORD = 2 ** 32;
/** More buckets than this no SDK sends: the default of an exponential histogram is 160. */
const MOST_BUCKETS = 4096;
const MOST_ATTRIBUTES = 128;
/** `DataPointFlags`: the sender has nothing to say. */
const NO_RECORDED_VALUE = 1;

type Kind = 'gauge' | 'sum' | 'histogram' | 'exponential' | 'summary';

/** Field of `Metric` in which the data are. */
const KINDS: Readonly<Record<number, Kind>> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponential',
  11: 'summary',
};

/** @throws MalformedMessage; points before that place have been visited */
export function decodeMetrics(body: Uint8Array, visitor: PointVisitor): void {
  const reader = new WireReader(body);
  resourceMessages(reader, ({ resource, scope, end }) =>
    readMetric(reader, end, { resource, scope, visitor }),
  );
}

interface Context {
  readonly resource: MessageResource;
  readonly scope: string;
  readonly visitor: PointVisitor;
}

function readMetric(reader: WireReader, end: number, { resource, scope, visitor }: Context): void {
  let name = '';
  let unit = '';
  let data: { readonly kind: Kind; readonly from: number; readonly to: number } | null = null;
  while (reader.next(end)) {
    const { field, type } = reader;
    const kind = KINDS[field];
    if (field === 1 && type === BYTES) name = reader.text(reader.endOfBytes(end));
    else if (field === 3 && type === BYTES) unit = reader.text(reader.endOfBytes(end));
    else if (kind !== undefined && type === BYTES) {
      const to = reader.endOfBytes(end);
      data = { kind, from: reader.at, to };
      reader.at = to;
    } else reader.skip(end);
  }
  if (data === null) return;
  if (!visitor.wants(name)) {
    visitor.other(resource);
    return;
  }
  reader.at = data.from;
  readPoints(reader, data, { resource, scope, name, unit, visitor });
  reader.at = end;
}

interface MetricContext extends Context {
  readonly name: string;
  readonly unit: string;
}

/** Temporality may stand behind the points: fields have no order. */
function readPoints(
  reader: WireReader,
  { kind, from, to }: { readonly kind: Kind; readonly from: number; readonly to: number },
  { resource, scope, name, unit, visitor }: MetricContext,
): void {
  let temporality: OtlpPoint['temporality'] = 'cumulative';
  let monotonic = false;
  while (reader.next(to)) {
    if (reader.is(2, varint)) temporality = reader.varint() === 1 ? 'delta' : 'cumulative';
    else if (reader.is(3, varint)) monotonic = reader.varint() !== 0;
    else reader.skip(to);
  }
  reader.at = from;
  const outer = { resource, scope, name, unit, kind: kindOf(kind), temporality, monotonic };
  while (reader.next(to)) {
    if (!reader.is(1, BYTES)) {
      reader.skip(to);
      continue;
    }
    const point = readPoint(reader, reader.endOfBytes(to), kind);
    if (point !== null) visitor.point({ ...outer, ...point });
  }
}

function kindOf(kind: Kind): OtlpPoint['kind'] {
  return kind === 'exponential' || kind === 'summary' ? 'histogram' : kind;
}

/** What all kinds of points have, and what only some have. */
interface Draft {
  from: number;
  to: number;
  /** Null until it is read. */
  value: number | null;
  count: number;
  min?: number;
  max?: number;
  flags: number;
  attributes: [string, string][];
  bounds: number[];
  counts: number[];
  exemplars: MetricExemplar[];
  exponential: { scale: number; zeroCount: number; offset: number; counts: number[] };
}

type PointPart = Omit<
  OtlpPoint,
  'resource' | 'scope' | 'name' | 'unit' | 'kind' | 'temporality' | 'monotonic'
>;

function readPoint(reader: WireReader, end: number, kind: Kind): PointPart | null {
  const draft: Draft = {
    ...{ from: 0, to: 0, value: null, count: 0, flags: 0, attributes: [], bounds: [], counts: [] },
    exemplars: [],
    exponential: { scale: 0, zeroCount: 0, offset: 0, counts: [] },
  };
  const readField = READERS[kind];
  while (reader.next(end)) {
    const { field, type } = reader;
    if (field === 2 && type === fixed64) draft.from = seconds(reader);
    else if (field === 3 && type === fixed64) draft.to = seconds(reader);
    else if (!readField(reader, end, draft)) reader.skip(end);
  }
  if ((draft.flags & NO_RECORDED_VALUE) !== 0) return null;
  // The sum of a summary is 0 where it is left out; that of a histogram was not kept.
  if (kind === 'summary') draft.value ??= 0;
  const isHistogram = kind === 'histogram' || kind === 'exponential';
  return isHistogram || Number.isFinite(draft.value) ? partOf(draft, kind) : null;
}

function partOf(draft: Draft, kind: Kind): PointPart {
  const { from, to, count, min, max, bounds, counts, exemplars, exponential } = draft;
  const buckets =
    kind === 'exponential'
      ? ({ kind: 'exponential', ...exponential } satisfies ExponentialBuckets)
      : kind === 'histogram' && counts.length > 0
        ? ({ kind: 'explicit', bounds, counts } as const)
        : null;
  const value = Number.isFinite(draft.value) ? draft.value : null;
  return {
    ...{ from, to, value: value ?? 0, count, attributes: Object.fromEntries(draft.attributes) },
    ...(value === null && { isWithoutSum: true }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(buckets && { buckets }),
    ...(exemplars.length > 0 && { exemplars }),
  };
}

/** Reads the field that the reader stands at, of one kind of point. @returns whether it knows it */
type FieldReader = (reader: WireReader, end: number, draft: Draft) => boolean;

const readNumber: FieldReader = (reader, end, draft) => {
  const { field, type } = reader;
  if (field === 4 && type === fixed64) draft.value = reader.double();
  else if (field === 6 && type === fixed64) draft.value = signedInteger(reader);
  else if (field === 7 && type === BYTES) attribute(reader, end, draft);
  else if (field === 8 && type === varint) draft.flags = reader.varint();
  else return false;
  return true;
};

const readHistogram: FieldReader = (reader, end, draft) => {
  const { field, type } = reader;
  if (field === 4 && type === fixed64) draft.count = integer(reader);
  else if (field === 5 && type === fixed64) draft.value = reader.double();
  else if (field === 6) return readEach(reader, end, { into: draft.counts, wire: fixed64, read: integer });
  else if (field === 7) {
    return readEach(reader, end, { into: draft.bounds, wire: fixed64, read: () => reader.double() });
  } else if (field === 8 && type === BYTES) exemplar(reader, end, draft);
  else if (field === 9 && type === BYTES) attribute(reader, end, draft);
  else if (field === 10 && type === varint) draft.flags = reader.varint();
  else if (field === 11 && type === fixed64) draft.min = reader.double();
  else if (field === 12 && type === fixed64) draft.max = reader.double();
  else return false;
  return true;
};

const readExponential: FieldReader = (reader, end, draft) => {
  const { field, type } = reader;
  if (field === 1 && type === BYTES) attribute(reader, end, draft);
  else if (field === 4 && type === fixed64) draft.count = integer(reader);
  else if (field === 5 && type === fixed64) draft.value = reader.double();
  else if (field === 6 && type === varint) draft.exponential.scale = zigZag(reader.varint());
  else if (field === 7 && type === fixed64) draft.exponential.zeroCount += integer(reader);
  else if (field === 8 && type === BYTES) readBuckets(reader, reader.endOfBytes(end), draft.exponential);
  else if (field === 9 && type === BYTES) {
    // Below zero: nobody asks where, only that they come before all others.
    const negative = { offset: 0, counts: [] };
    readBuckets(reader, reader.endOfBytes(end), negative);
    for (const count of negative.counts) draft.exponential.zeroCount += count;
  } else if (field === 10 && type === varint) draft.flags = reader.varint();
  else if (field === 11 && type === BYTES) exemplar(reader, end, draft);
  else if (field === 12 && type === fixed64) draft.min = reader.double();
  else if (field === 13 && type === fixed64) draft.max = reader.double();
  else return false;
  return true;
};

const readSummary: FieldReader = (reader, end, draft) => {
  const { field, type } = reader;
  if (field === 4 && type === fixed64) draft.count = integer(reader);
  else if (field === 5 && type === fixed64) draft.value = reader.double();
  else if (field === 7 && type === BYTES) attribute(reader, end, draft);
  else if (field === 8 && type === varint) draft.flags = reader.varint();
  else return false;
  return true;
};

const READERS: Readonly<Record<Kind, FieldReader>> = {
  gauge: readNumber,
  sum: readNumber,
  histogram: readHistogram,
  exponential: readExponential,
  summary: readSummary,
};

function readBuckets(reader: WireReader, end: number, into: { offset: number; counts: number[] }): void {
  while (reader.next(end)) {
    if (reader.is(1, varint)) into.offset = zigZag(reader.varint());
    else if (
      reader.field !== 2 ||
      !readEach(reader, end, { into: into.counts, wire: varint, read: () => reader.varint() })
    )
      reader.skip(end);
  }
}

interface Repeated {
  readonly into: number[];
  /** Of one value. */
  readonly wire: number;
  readonly read: (reader: WireReader) => number;
}

/** A repeated number, packed or one by one. @returns whether it is any */
function readEach(reader: WireReader, within: number, { into, wire, read }: Repeated): boolean {
  if (reader.type === wire) {
    const value = read(reader);
    if (into.length < MOST_BUCKETS) into.push(value);
    return true;
  }
  if (reader.type !== BYTES) return false;
  const end = reader.endOfBytes(within);
  while (reader.at < end && into.length < MOST_BUCKETS) into.push(read(reader));
  reader.at = end;
  return true;
}

function attribute(reader: WireReader, within: number, { attributes }: Draft): void {
  const [key, value]: readonly [string, PlainValue] = readKeyValue(reader, reader.endOfBytes(within));
  if (attributes.length < MOST_ATTRIBUTES) attributes.push([key, plainValueText(value)]);
}

function exemplar(reader: WireReader, within: number, { exemplars }: Draft): void {
  const found = readExemplar(reader, reader.endOfBytes(within));
  if (found !== null && exemplars.length < MOST_OF_POINT) exemplars.push(found);
}

function seconds(reader: WireReader): number {
  return integer(reader) / 1e9;
}

function integer(reader: WireReader): number {
  const low = reader.fixed32();
  return reader.fixed32() * WORD + low;
}

function signedInteger(reader: WireReader): number {
  const low = reader.fixed32();
  return (reader.fixed32() | 0) * WORD + low;
}

/** A signed varint: 0, -1, 1, -2, … */
function zigZag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
