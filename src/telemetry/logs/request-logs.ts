/** What the services of one instance logged, by the request that they logged it in. */
import type { LogCounts, LogLine, LogQuality } from '../../measurement.ts';
import type { AssemblyOptions } from '../trace-assembly.ts';
import { parseTraceId } from '../trace-id.ts';
import { keptText } from './kept-text.ts';
import type { LogRecord, LogVisitor } from './log-record.ts';
import type { Redactor } from './redaction.ts';

/** How many records or lines were not read, or not to their end. */
export interface DroppedRecords {
  /** That may be WARN or ERROR. */
  readonly dropped: number;
  /** Of which it is known that no WARN and no ERROR record is missing. */
  readonly droppedBelowWarn: number;
}

/** Can be read more than once, with the same records in the same order. */
export interface LogSource {
  /** @param only records of other traces may be left out */
  visit(visit: LogVisitor, only?: ReadonlySet<string>): DroppedRecords;
}

export interface RequestLogs {
  /** By service; only those that logged a WARN or ERROR record. */
  readonly counts: ReadonlyMap<string, LogCounts>;
  readonly lines: readonly LogLine[];
}

export interface InstanceLogs {
  /** By index of the request in the workload. */
  readonly requests: readonly RequestLogs[];
  readonly quality: LogQuality;
}

export interface LogAssemblyOptions extends AssemblyOptions {
  /** Traces whose lines are kept, by index of the request. */
  readonly notable: readonly ReadonlySet<string>[];
  /** Further traces of a request whose lines are kept since they have an ERROR among them. */
  readonly keep: number;
  readonly redact: Redactor;
}

/** Lines of one trace that are kept. */
const MOST_LINES = 30;
/** Characters of all lines of one instance. */
const MOST_CHARACTERS = 64 * 1024;

/** Reads the source twice: the lines before an error are worth keeping, and come before it. */
export function assembleLogs(source: LogSource, options: LogAssemblyOptions): InstanceLogs {
  const counting = new Counting(options);
  const dropped = source.visit((record) => counting.add(record));
  const wanted = options.notable.map((traces, request) => new Set([...traces, ...counting.failing(request)]));
  const keeping = new Keeping(options);
  if (wanted.some(({ size }) => size > 0) && counting.records > 0) {
    source.visit(
      (record) => {
        const request = requestOf(record, options);
        if (request !== null && wanted[request]?.has(record.traceId ?? '')) keeping.add(record, request);
      },
      new Set(wanted.flatMap((traces) => [...traces])),
    );
  }
  return {
    requests: options.notable.map((_, request) => ({
      counts: counting.countsOf(request),
      lines: keeping.linesOf(request),
    })),
    quality: { records: counting.records, withoutTrace: counting.withoutTrace, ...dropped },
  };
}

/** Index of the request that the record belongs to, or null. */
function requestOf({ traceId }: LogRecord, options: AssemblyOptions): number | null {
  const origin = traceId === null ? null : parseTraceId(options.runTag, traceId);
  if (origin === null || origin.phase !== options.phase || origin.request >= options.requests) return null;
  return options.instance === undefined || origin.instance === options.instance ? origin.request : null;
}

type Level = keyof LogCounts;

function levelOf({ severity }: LogRecord): Level | null {
  if (severity === 'warn') return 'warn';
  return severity === 'error' || severity === 'fatal' ? 'error' : null;
}

class Counting {
  records = 0;
  withoutTrace = 0;
  readonly #options: LogAssemblyOptions;
  /** By request, service and level: how many records, and in which traces. */
  readonly #counts: Map<string, Record<Level, { records: number; readonly traces: Set<string> }>>[];
  readonly #failing: Set<string>[];

  constructor(options: LogAssemblyOptions) {
    this.#options = options;
    this.#counts = options.notable.map(() => new Map());
    this.#failing = options.notable.map(() => new Set());
  }

  add(record: LogRecord): void {
    const level = levelOf(record);
    if (record.traceId === null) {
      if (level !== null && this.#isMeanwhile(record)) this.withoutTrace += 1;
      return;
    }
    const request = requestOf(record, this.#options);
    if (request === null) return;
    this.records += 1;
    if (level === null) return;
    const counted = this.#ofService(request, record.service)[level];
    counted.records += 1;
    counted.traces.add(record.traceId);
    const failing = this.#failing[request];
    if (level === 'error' && failing && failing.size < this.#options.keep) failing.add(record.traceId);
  }

  failing(request: number): ReadonlySet<string> {
    return this.#failing[request] ?? new Set();
  }

  countsOf(request: number): ReadonlyMap<string, LogCounts> {
    const sorted = [...(this.#counts[request] ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
    return new Map(
      sorted.map(([service, { warn, error }]) => [
        service,
        {
          warn: { records: warn.records, requests: warn.traces.size },
          error: { records: error.records, requests: error.traces.size },
        },
      ]),
    );
  }

  /** A record without a time may be of the start-up; better said once too often. */
  #isMeanwhile({ timeSeconds }: LogRecord): boolean {
    const { window } = this.#options;
    return !window || timeSeconds === null || (timeSeconds >= window.from && timeSeconds < window.to);
  }

  #ofService(request: number, service: string) {
    const services = this.#counts[request];
    const known = services?.get(service);
    if (known) return known;
    const none = () => ({ records: 0, traces: new Set<string>() });
    const counts = { warn: none(), error: none() };
    services?.set(service, counts);
    return counts;
  }
}

class Keeping {
  readonly #redact: Redactor;
  readonly #traces: Map<string, LogLine[]>[];
  #characters = 0;

  constructor({ redact, notable }: LogAssemblyOptions) {
    this.#redact = redact;
    this.#traces = notable.map(() => new Map());
  }

  add(record: LogRecord, request: number): void {
    const { traceId, spanId, service, severity, timeSeconds } = record;
    const traces = this.#traces[request];
    if (traceId === null || !traces || this.#characters >= MOST_CHARACTERS) return;
    const lines = traces.get(traceId) ?? [];
    // What went wrong takes the place of what else was said last.
    if (lines.length >= MOST_LINES) {
      const last = lines.findLastIndex((line) => line.severity !== 'error' && line.severity !== 'fatal');
      if (levelOf(record) !== 'error' || last < 0) return;
      lines.splice(last, 1);
    }
    const body = keptText(record.body, this.#redact);
    this.#characters += body.length;
    lines.push({ traceId, spanId, service, severity, body, time: isoTime(timeSeconds) });
    traces.set(traceId, lines);
  }

  linesOf(request: number): readonly LogLine[] {
    return [...(this.#traces[request]?.values() ?? [])].flatMap((lines) =>
      // Lines of several services come one service after the other; those without a time stay where they are.
      lines.toSorted((left, right) =>
        left.time === null || right.time === null
          ? 0
          : left.time < right.time
            ? -1
            : left.time > right.time
              ? 1
              : 0,
      ),
    );
  }
}

function isoTime(seconds: number | null): string | null {
  if (seconds === null || !(Math.abs(seconds) < 8.64e12)) return null;
  return new Date(seconds * 1e3).toISOString();
}
