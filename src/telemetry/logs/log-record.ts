/** One log record, from wherever it came: OTLP, or a line that a service wrote. */
import type { LogSeverity } from '../../measurement.ts';

export interface LogRecord {
  readonly service: string;
  /** 32 lower-case hex digits; null where the record names no trace. */
  readonly traceId: string | null;
  /** 16 lower-case hex digits. */
  readonly spanId: string | null;
  readonly severity: LogSeverity | null;
  /** As it was logged: secrets are in it. */
  readonly body: string;
  /** Since 1970; null where the record has none. */
  readonly timeSeconds: number | null;
}

/** Is told every record, one after another. */
export type LogVisitor = (record: LogRecord) => void;

/** Longer ones are cut before anything looks at them: a body can be a whole document. */
export const LONGEST_BODY = 4096;

/**
 * The beginning of a text. Half a word goes with the rest: half of a secret does not look like one, so that nothing
 * would take it out.
 */
export function cutBody(text: string, longest = LONGEST_BODY): string {
  if (text.length <= longest) return text;
  let end = longest;
  while (end > 0 && !/\s/.test(text[end - 1] ?? '')) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** OpenTelemetry's ranges of four: 1 to 4 is TRACE, 21 to 24 FATAL. */
export function severityOfNumber(number: number): LogSeverity | null {
  return ORDER[Math.ceil(number / 4) - 1] ?? null;
}

/** Numbers of pino and bunyan: 10 is trace, 60 fatal; what lies between belongs to the lower one. */
export function severityOfPinoLevel(level: number): LogSeverity | null {
  return level < 10 || level >= 100 ? null : (ORDER[Math.min(5, Math.floor(level / 10) - 1)] ?? null);
}

/** Words of loggers of all languages, whatever their case. */
export function severityOfWord(word: string): LogSeverity | null {
  return WORDS[word.toLowerCase()] ?? null;
}

const ORDER: readonly LogSeverity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const WORDS: Readonly<Record<string, LogSeverity>> = Object.assign(Object.create(null), {
  ...{ trace: 'trace', trce: 'trace', verbose: 'trace', silly: 'trace', finest: 'trace', finer: 'trace' },
  ...{ debug: 'debug', dbug: 'debug', fine: 'debug', config: 'debug' },
  ...{ info: 'info', information: 'info', informational: 'info', notice: 'info', http: 'info' },
  ...{ warn: 'warn', warning: 'warn', wrn: 'warn' },
  ...{ error: 'error', err: 'error', fail: 'error', severe: 'error' },
  ...{ fatal: 'fatal', critical: 'fatal', crit: 'fatal', alert: 'fatal', emerg: 'fatal', panic: 'fatal' },
} satisfies Record<string, LogSeverity>);

const TRACE_ID = /^[0-9a-f]{32}$/i;
const SPAN_ID = /^[0-9a-f]{16}$/i;
const ZEROS = /^0+$/;

/** What is no trace id, or the invalid one of zeros, is null. */
export function traceIdIn(value: unknown): string | null {
  return typeof value === 'string' && TRACE_ID.test(value) && !ZEROS.test(value) ? value.toLowerCase() : null;
}

export function spanIdIn(value: unknown): string | null {
  return typeof value === 'string' && SPAN_ID.test(value) && !ZEROS.test(value) ? value.toLowerCase() : null;
}
