/**
 * Keeps the bodies of OTLP requests while a round is measured, and decodes them behind it: the service under test is
 * answered at once and shares its cores with nobody who decodes. Past a memory limit it decodes as they come.
 */
import { cutBody, type LogRecord, type LogVisitor } from '../logs/log-record.ts';
import { MetricSeries } from '../metrics/metric-series.ts';
import { decodeJsonMetrics } from './decode-json-metrics.ts';
import { decodeJsonTraces } from './decode-json-traces.ts';
import { decodeJsonLogs, decodeLogs } from './decode-logs.ts';
import { decodeMetrics } from './decode-metrics.ts';
import { TraceDecoder } from './decode-traces.ts';
import { MalformedJson } from './json-request.ts';
import { OtlpSpan } from './otlp-span.ts';
import { countMessages } from './resource-messages.ts';
import { SpanRows } from './span-rows.ts';
import { MalformedMessage } from './wire-reader.ts';

export type OtlpSignal = 'traces' | 'metrics' | 'logs';
export type OtlpEncoding = 'protobuf' | 'json';

export interface OtlpBody {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  /** Not compressed. */
  readonly bytes: Uint8Array;
}

export interface InboxQuality {
  readonly requests: number;
  readonly bytes: number;
  /** Requests with spans that were refused, or could not be read to their end: nobody knows how many spans they had. */
  readonly refused: number;
  /** Why: each reason once, and the first few. */
  readonly reasons: readonly string[];
  /** The same of logs, and of metrics, where they are wanted. */
  readonly refusedLogs: number;
  readonly refusedMetrics: number;
  /** Spans without ids, or with times that make no sense. */
  readonly refusedSpans: number;
  /** Log records of WARN and above, those below, and data points of metrics, that were too many. */
  readonly droppedLogs: number;
  readonly droppedLogsBelowWarn: number;
  readonly droppedPoints: number;
  /** Requests that were decoded while the service was measured, since the memory limit was reached. */
  readonly decodedInline: number;
}

export interface InboxOptions {
  /** Bodies that are kept, in all. */
  readonly mostBytes?: number;
  /** False: log records are accepted, and forgotten. */
  readonly logs?: boolean;
  /** Names of the metrics that somebody asks for; others are forgotten. */
  readonly metrics?: ReadonlySet<string>;
  /** Seconds since 1970: of sums that began before, only what they grew by since the first one that came. */
  readonly since?: number;
  /** Attributes of the resources of spans that are kept. */
  readonly splitBy?: readonly string[];
}

/** Half an hour of a thousand spans a second; a decoded span takes a quarter of the bytes that bring it. */
const MOST_BYTES = 512 * 1024 * 1024;

/** Records that are kept where bodies cannot be; those below WARN are left out first. */
const MOST_RECORDS = 100_000;
const LONGEST_INLINE_BODY = 300;
/** As many as a person reads: a service has one exporter, and that fails in one way. */
const MOST_REASONS = 3;

export class OtlpInbox {
  readonly #mostBytes: number;
  readonly #keepsLogs: boolean;
  readonly #keepsMetrics: boolean;
  readonly #rows = new SpanRows();
  readonly #decoder: TraceDecoder;
  readonly #splitBy: readonly string[];
  readonly #span = new OtlpSpan();
  readonly #series: MetricSeries;
  #bodies: OtlpBody[] = [];
  readonly #logBodies: OtlpBody[] = [];
  /** Of bodies that were decoded as they came. */
  readonly #records: LogRecord[] = [];
  /** Kept ones that cannot be read to their end. */
  readonly #brokenLogs = new Set<OtlpBody>();
  readonly #counts = {
    requests: 0,
    bytes: 0,
    keptBytes: 0,
    decodedInline: 0,
    droppedLogs: 0,
    droppedLogsBelowWarn: 0,
  };
  readonly #refused: Record<OtlpSignal, number> = { traces: 0, metrics: 0, logs: 0 };
  readonly #reasons = new Set<string>();

  constructor({
    mostBytes = MOST_BYTES,
    logs = true,
    metrics = new Set(),
    since = 0,
    splitBy = [],
  }: InboxOptions = {}) {
    this.#decoder = new TraceDecoder(this.#rows, splitBy);
    this.#splitBy = splitBy;
    this.#mostBytes = mostBytes;
    this.#keepsLogs = logs;
    this.#keepsMetrics = metrics.size > 0;
    this.#series = new MetricSeries(metrics, since);
  }

  get quality(): InboxQuality {
    const { requests, bytes, decodedInline, droppedLogs, droppedLogsBelowWarn } = this.#counts;
    return {
      ...{ requests, bytes, decodedInline, droppedLogs, droppedLogsBelowWarn },
      refused: this.#refused.traces,
      reasons: [...this.#reasons],
      refusedLogs: this.#refused.logs + this.#brokenLogs.size,
      refusedMetrics: this.#refused.metrics,
      refusedSpans: this.#rows.refused,
      droppedPoints: this.#series.dropped,
    };
  }

  /**
   * Looks at a body just closely enough to answer for it.
   *
   * @returns null, or why it is refused: nothing of it is kept then
   */
  accept(body: OtlpBody): string | null {
    const counts = this.#counts;
    counts.requests += 1;
    counts.bytes += body.bytes.byteLength;
    const problem = problemOf(body);
    if (problem !== null) {
      this.refuse(body.signal, problem);
      return problem;
    }
    if (!this.#isWanted(body.signal)) return null;
    if (counts.keptBytes + body.bytes.byteLength <= this.#mostBytes) {
      (body.signal === 'logs' ? this.#logBodies : this.#bodies).push(body);
      counts.keptBytes += body.bytes.byteLength;
    } else {
      counts.decodedInline += 1;
      this.#decode(body);
    }
    return null;
  }

  /** Counts a request of which nothing can be kept, for a receiver that refuses it or for `accept`. */
  refuse(signal: OtlpSignal, reason: string): void {
    if (!this.#isWanted(signal)) return;
    this.#refused[signal] += 1;
    if (signal === 'traces' && this.#reasons.size < MOST_REASONS) this.#reasons.add(reason);
  }

  /** Decodes all spans that are kept. */
  spans(): SpanRows {
    this.#decodeKept();
    return this.#rows;
  }

  /** Decodes all metrics that are kept. */
  metrics(): MetricSeries {
    this.#decodeKept();
    return this.#series;
  }

  /** Decodes all log records that are kept, as often as it is called. */
  visitLogs(visit: LogVisitor): void {
    for (const body of this.#logBodies) {
      const isBroken = problemOfLogs(body, visit) !== null;
      if (isBroken) this.#brokenLogs.add(body);
    }
    for (const record of this.#records) visit(record);
  }

  #isWanted(signal: OtlpSignal): boolean {
    if (signal === 'traces') return true;
    return signal === 'logs' ? this.#keepsLogs : this.#keepsMetrics;
  }

  #decodeKept(): void {
    const bodies = this.#bodies;
    this.#bodies = [];
    for (const { bytes } of bodies) this.#counts.keptBytes -= bytes.byteLength;
    for (const body of bodies) this.#decode(body);
  }

  #keepRecord(record: LogRecord): void {
    const isWorth = record.severity === 'warn' || record.severity === 'error' || record.severity === 'fatal';
    if (!isWorth) this.#counts.droppedLogsBelowWarn += 1;
    else if (this.#records.length >= MOST_RECORDS) this.#counts.droppedLogs += 1;
    else this.#records.push({ ...record, body: cutBody(record.body, LONGEST_INLINE_BODY) });
  }

  #decode(body: OtlpBody): void {
    const { signal, encoding, bytes } = body;
    const problem =
      signal === 'logs'
        ? problemOfLogs(body, (record) => this.#keepRecord(record))
        : problemWith(() => {
            if (signal === 'metrics') {
              if (encoding === 'protobuf') decodeMetrics(bytes, this.#series);
              else decodeJsonMetrics(textOf(bytes), this.#series);
            } else if (encoding === 'protobuf') this.#decoder.decode(bytes);
            else decodeJsonTraces(textOf(bytes), this.#rows, this.#span, this.#splitBy);
          });
    if (problem !== null) this.refuse(signal, problem);
  }
}

function problemOfLogs({ encoding, bytes }: OtlpBody, visit: LogVisitor): string | null {
  return problemWith(() => {
    if (encoding === 'protobuf') decodeLogs(bytes, visit);
    else decodeJsonLogs(textOf(bytes), visit);
  });
}

/** The outside of a request was looked at; the inside can still be broken. */
function problemWith(read: () => void): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (!(error instanceof MalformedMessage || error instanceof MalformedJson)) throw error;
    return error.message;
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The outside of protobuf down to the spans, metrics or records; of JSON whether it is any, and an object. */
function problemOf({ encoding, bytes }: OtlpBody): string | null {
  try {
    if (encoding === 'protobuf') countMessages(bytes);
    else {
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return 'the request is not an object';
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
