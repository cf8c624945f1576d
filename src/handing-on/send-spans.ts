/**
 * Sends spans by OTLP/HTTP as JSON, gzipped. What goes wrong is a warning and never an error: no verdict depends on a
 * tool that somebody looks at later.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { promisify } from 'node:util';
import { gzip as gzipWithCallback } from 'node:zlib';
import type { Warning } from '../measurement.ts';
import { redactorOf } from '../telemetry/logs/redaction.ts';
import type { OtlpTarget } from './otlp-target.ts';

const gzip = promisify(gzipWithCallback);

/** An `ExportTraceServiceRequest` as JSON. */
export interface SpanBody {
  readonly text: string;
  readonly spans: number;
}

export interface SendingOptions {
  /** For all requests together, with their repetitions. */
  readonly timeLimitSeconds: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Settles after so many seconds, or rejects when the signal is aborted. */
  readonly wait: (seconds: number, signal: AbortSignal) => Promise<void>;
}

export interface Sent {
  /** That were taken. */
  readonly spans: number;
  /** Null where all were taken. */
  readonly warning: Warning | null;
}

/** Repetitions of one request: what does not answer thrice is not there. */
const MOST_TRIES = 3;
const FIRST_PAUSE_SECONDS = 0.5;
/** Those that the specification lets a sender try again. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** One request after another; the first that fails for good is the last. Never throws. */
export async function sendSpans(
  bodies: Iterable<SpanBody> | AsyncIterable<SpanBody>,
  target: OtlpTarget,
  options: SendingOptions,
): Promise<Sent> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(TIME_IS_OVER), options.timeLimitSeconds * 1000);
  const signal = AbortSignal.any([deadline.signal, options.signal]);
  const counts = { taken: 0, rejected: 0, reason: '' };
  try {
    for await (const body of bodies) {
      const outcome = await sendOne(body, target, { ...options, signal });
      if (!outcome.taken)
        return { spans: counts.taken, warning: failed(outcome, { target, options, counts }) };
      counts.taken += body.spans - outcome.rejected;
      counts.rejected += outcome.rejected;
      counts.reason ||= outcome.reason;
    }
  } catch (error) {
    const outcome = { what: errorText(error), hint: 'Is the disk full?' };
    return { spans: counts.taken, warning: failed(outcome, { target, options, counts }) };
  } finally {
    clearTimeout(timer);
  }
  return { spans: counts.taken, warning: counts.rejected === 0 ? null : partlyTaken(counts, target) };
}

const TIME_IS_OVER = new Error('time is over');

type Outcome =
  | { readonly taken: true; readonly rejected: number; readonly reason: string }
  | ({ readonly taken: false } & Failure);

interface Failure {
  readonly what: string;
  readonly hint: string;
}

async function sendOne(body: SpanBody, target: OtlpTarget, options: SendingOptions): Promise<Outcome> {
  const bytes = await gzip(body.text);
  for (let tries = 1; ; tries += 1) {
    const { outcome, pauseSeconds } = await once(bytes, target, options.signal);
    if (pauseSeconds === null || tries >= MOST_TRIES) return outcome;
    const pause = pauseSeconds || FIRST_PAUSE_SECONDS * 2 ** (tries - 1);
    try {
      await options.wait(pause, options.signal);
    } catch {
      return outcome;
    }
  }
}

interface Try {
  readonly outcome: Outcome;
  /** Before it is worth another try, 0 where the other side does not say; null where it is not. */
  readonly pauseSeconds: number | null;
}

async function once(bytes: Uint8Array<ArrayBuffer>, target: OtlpTarget, signal: AbortSignal): Promise<Try> {
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      body: bytes,
      // Another host must not get the keys of this one.
      redirect: 'manual',
      signal,
      headers: { ...target.headers, 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    const text = await response.text();
    if (response.ok) return { outcome: { taken: true, ...rejectedIn(text, target) }, pauseSeconds: null };
    const said = excerptOf(text, target);
    const what = `answered ${response.status}${said === '' ? '' : ` (${said})`}`;
    const outcome = { taken: false, what, hint: hintFor(response.status) } as const;
    if (!PASSING.has(response.status)) return { outcome, pauseSeconds: null };
    return { outcome, pauseSeconds: retryAfter(response.headers.get('retry-after')) };
  } catch (error) {
    const isOver = signal.aborted;
    const what = isOver ? 'did not answer in time' : `cannot be reached (${errorText(error)})`;
    const hint = isOver
      ? 'Raise OTEL_EXPORTER_OTLP_TIMEOUT (milliseconds) if it is slow.'
      : new URL(target.url).port === '4317'
        ? 'Port 4317 is for OTLP/gRPC most often; OTLP/HTTP is at 4318.'
        : 'Is the receiver running, and can this machine reach it?';
    return { outcome: { taken: false, what, hint }, pauseSeconds: isOver ? null : 0 };
  }
}

function hintFor(status: number): string {
  if (status === 401 || status === 403)
    return 'Give its key by --export-header or OTEL_EXPORTER_OTLP_HEADERS.';
  if (status === 404 || status === 405)
    return 'Is the path right? /v1/traces is added to the one that is given.';
  if (status === 413) return 'It takes smaller requests only: leave out --export-rounds.';
  if (status === 415) return 'It does not take OTLP as JSON; a Collector in front of it does.';
  if (status >= 300 && status < 400) return 'Redirects are not followed: give the address that it leads to.';
  if (PASSING.has(status)) return 'It is busy or not ready; its own log should say why.';
  return 'Its own log should say why.';
}

/** Seconds, or a date; more than a gate would ever wait for is cut by the time limit. 0 where it is neither. */
function retryAfter(text: string | null): number {
  if (text === null) return 0;
  const seconds = /^\s*\d+\s*$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

/** A receiver may take a request and leave out some of its spans. */
function rejectedIn(text: string, target: OtlpTarget): { rejected: number; reason: string } {
  try {
    const { partialSuccess } = JSON.parse(text) as {
      partialSuccess?: { rejectedSpans?: number | string; errorMessage?: string };
    };
    const rejected = Number(partialSuccess?.rejectedSpans ?? 0);
    const reason = excerptOf(String(partialSuccess?.errorMessage ?? ''), target);
    return { rejected: Number.isFinite(rejected) ? rejected : 0, reason };
  } catch {
    return { rejected: 0, reason: '' };
  }
}

const LONGEST_EXCERPT = 200;
const redact = redactorOf();

/** One line, without what was sent in headers, should the other side repeat it. */
function excerptOf(text: string, { secrets }: OtlpTarget): string {
  let clean = text.slice(0, 4000);
  for (const secret of secrets) clean = clean.replaceAll(secret, '[redacted]');
  clean = redact(clean).replace(/\s+/g, ' ').trim();
  return clean.length > LONGEST_EXCERPT ? `${clean.slice(0, LONGEST_EXCERPT - 1)}…` : clean;
}

/** `fetch` says "fetch failed"; the reason stands behind it. */
function errorText(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: reason } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? reason ?? message;
}

interface FailureContext {
  readonly target: OtlpTarget;
  readonly options: SendingOptions;
  readonly counts: { readonly taken: number };
}

function failed({ what, hint }: Failure, { target, options, counts }: FailureContext): Warning {
  const taken = counts.taken === 0 ? 'no span was handed on' : `only ${counts.taken} spans were handed on`;
  const limit = what === 'did not answer in time' ? ` (${options.timeLimitSeconds} s)` : '';
  return {
    code: 'otlp-export-failed',
    message: `${target.shown} ${what}${limit}, so ${taken}; the verdict does not depend on it. ${hint}`,
  };
}

function partlyTaken(
  counts: { readonly taken: number; readonly rejected: number; readonly reason: string },
  { shown }: OtlpTarget,
): Warning {
  const reason = counts.reason === '' ? '' : ` (${counts.reason})`;
  return {
    code: 'otlp-export-partial',
    message: `${shown} took ${counts.taken} spans and left out ${counts.rejected}${reason}; its limits or its own log should say why.`,
  };
}
