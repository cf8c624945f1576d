/**
 * Collects spans of OTLP requests as the rows that recorders write, one file for each resource, so that both ways of
 * getting spans meet in the same span table.
 */
import type { RecordedFile } from '../chunk-reader.ts';
import { ByteStrings } from './byte-strings.ts';
import type { OtlpSpan } from './otlp-span.ts';
import { type OtlpResource, SpanRecorder } from './span-recorder.ts';

/** What row times count from: the first span's start, cut to a millisecond. */
export interface TimeOrigin {
  /** Nanoseconds since 1970, as two words. */
  readonly high: number;
  readonly low: number;
  readonly milliseconds: number;
}

export class SpanRows {
  /** Of whoever decodes into these rows: `OtlpSpan.nameId` is a number of them. */
  readonly strings = new ByteStrings();
  readonly #recorders = new Map<string, SpanRecorder>();
  #origin: TimeOrigin | null = null;
  #count = 0;
  #refused = 0;

  get count(): number {
    return this.#count;
  }

  /** Spans without an id or with times that make no sense. */
  get refused(): number {
    return this.#refused;
  }

  recorderOf(resource: OtlpResource): SpanRecorder {
    const attributes = resource.attributes ? ` ${JSON.stringify(resource.attributes)}` : '';
    const key = `${resource.pid} ${resource.service}${attributes}`;
    const known = this.#recorders.get(key);
    if (known) return known;
    const recorder = new SpanRecorder(resource);
    this.#recorders.set(key, recorder);
    return recorder;
  }

  add(recorder: SpanRecorder, span: OtlpSpan): void {
    this.#origin ??= originOf(span);
    if (hasIds(span) && recorder.add(span, this.#origin)) this.#count += 1;
    else this.#refused += 1;
  }

  /** What `SpanTableBuilder` takes; in the order in which the resources were seen. */
  files(): readonly RecordedFile[] {
    const timeOrigin = this.#origin?.milliseconds ?? 0;
    return [...this.#recorders.values()].map((recorder) => recorder.file(timeOrigin));
  }
}

function hasIds({ traceId, spanId }: OtlpSpan): boolean {
  const trace =
    (traceId[0] as number) | (traceId[1] as number) | (traceId[2] as number) | (traceId[3] as number);
  return trace !== 0 && ((spanId[0] as number) | (spanId[1] as number)) !== 0;
}

function originOf({ times }: OtlpSpan): TimeOrigin {
  const [high = 0, low = 0] = times;
  const million = 1_000_000n;
  const milliseconds = ((BigInt(high) << 32n) | BigInt(low)) / million;
  const nanoseconds = milliseconds * million;
  return {
    high: Number(nanoseconds >> 32n),
    low: Number(nanoseconds & 0xffff_ffffn),
    milliseconds: Number(milliseconds),
  };
}
