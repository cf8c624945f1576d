/**
 * How a Measurement is written into a baseline file: the instances of all rounds by field (`columns.ts`), and the
 * counts of merged histograms packed. It holds the same as the Measurement, in a third of the space.
 */
import type { Histogram } from '../histogram.ts';
import type { Measurement, Round } from '../measurement.ts';
import { type Column, decodeColumn, encodeColumn, type Json } from './columns.ts';
import { packCounts, unpackCounts } from './packed-counts.ts';

/** Value of `format` in such a file: tells it from a Measurement as it is. */
export const STORED_FORMAT = 'spangate-baseline';

export interface StoredBaseline extends Omit<Measurement, 'rounds' | 'merged'> {
  readonly format: typeof STORED_FORMAT;
  /** `instances` is how many there are; they stand in the column of that name, round by round. */
  readonly rounds: readonly (Omit<Round, 'instances'> & { readonly instances: number })[];
  readonly instances: Column;
  /** As in the Measurement, but for `bucketCounts`, which are packed. */
  readonly merged: Json;
}

export function toStored(measurement: Measurement): StoredBaseline {
  const instances = measurement.rounds.flatMap((round) => round.instances);
  return {
    ...measurement,
    format: STORED_FORMAT,
    rounds: measurement.rounds.map((round) => ({ ...round, instances: round.instances.length })),
    // By way of text, so that undefined fields are gone as they will be in the file.
    instances: encodeColumn(JSON.parse(JSON.stringify(instances))),
    merged: mapHistograms(measurement.merged as unknown as Json, (counts) =>
      Array.isArray(counts) ? packCounts(counts as readonly number[]) : counts,
    ),
  };
}

export function isStored(data: unknown): data is StoredBaseline {
  return typeof data === 'object' && data !== null && 'format' in data && data.format === STORED_FORMAT;
}

/** More instances than any run starts: a damaged number must not ask for all memory. */
const MOST_INSTANCES = 10_000;

/**
 * The Measurement of a stored baseline. Only what is needed to rebuild it is checked here; the result is to be
 * checked against the schema.
 *
 * @throws TypeError when the columns do not fit together
 */
export function fromStored(stored: StoredBaseline): Measurement {
  const { format: _format, instances: column, ...rest } = stored;
  const sizes = stored.rounds.map((round) => round.instances);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!(total <= MOST_INSTANCES)) throw new TypeError(`${total} instances`);
  const instances = decodeColumn(column, total);
  let next = 0;
  const rounds = stored.rounds.map((round, at) => {
    const begin = next;
    next += sizes[at] ?? 0;
    return { ...round, instances: instances.slice(begin, next) };
  });
  const merged = mapHistograms(stored.merged, (counts) =>
    typeof counts === 'string' ? unpackCounts(counts) : counts,
  );
  return { ...rest, rounds, merged } as unknown as Measurement;
}

/** Replaces the bucket counts of every histogram inside `value`. */
function mapHistograms(value: Json, change: (counts: Json) => Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapHistograms(item, change));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      isPositive(key, item)
        ? { ...item, bucketCounts: change(item.bucketCounts) }
        : mapHistograms(item, change),
    ]),
  );
}

type Positive = { readonly [Key in keyof Histogram['positive']]: Json };

function isPositive(key: string, item: Json): item is Positive {
  return key === 'positive' && typeof item === 'object' && item !== null && 'bucketCounts' in item;
}
