/**
 * A recorder that also changes the service as spangate's own test asks: it lets chosen spans take longer, and records
 * chosen spans twice. Loaded only where the variable of the injection is set.
 */
import { performance } from 'node:perf_hooks';
import type { TimeInput } from '@opentelemetry/api';
import { type SpanKind, serviceParts } from '../../measurement.ts';
import type { Injection, InjectionPlace } from '../injection.ts';
import { foldNumbers } from '../name-folding.ts';
import type { RecorderIdentity } from '../recording-format.ts';
import { ID_VALUE, OTHER_VALUE } from '../service-split.ts';
import { requestOf } from '../trace-id.ts';
import { API_KIND, type EndedSpan } from './ended-span.ts';
import { Recorder } from './recorder.ts';
import { SpanNames } from './span-names.ts';

/** The common part of spans that have not ended, in the SDKs 1.x, 2.x and 3.x. */
interface RunningSpan extends EndedSpan {
  end(time?: TimeInput): void;
  isRecording(): boolean;
}

export class InjectingRecorder extends Recorder {
  readonly #delay: { readonly matches: (span: EndedSpan) => boolean; readonly milliseconds: number } | null;
  readonly #repeat: ((span: EndedSpan) => boolean) | null;
  readonly #changed = new WeakSet<object>();
  readonly #repeated = new RecentTexts();

  /** @throws the error of the file system when the file cannot be made. */
  constructor(
    path: string,
    identity: RecorderIdentity,
    options: { readonly localIdHigh: number; readonly injection: Injection },
  ) {
    super(path, identity, options.localIdHigh);
    const { delay, repeat } = options.injection;
    const isOurs = ({ span }: InjectionPlace) => maySend(span.service, identity);
    this.#delay =
      delay && isOurs(delay) ? { matches: matcher(delay), milliseconds: delay.seconds * 1e3 } : null;
    this.#repeat = repeat && isOurs(repeat) ? matcher(repeat) : null;
  }

  /** The end time is taken before any processor hears of the end, so the end itself is changed, once for all spans. */
  override onStart(span: RunningSpan): void {
    if (this.#delay === null) return;
    const { matches, milliseconds } = this.#delay;
    const prototype = ownerOfEnd(span);
    if (prototype === null || this.#changed.has(prototype)) return;
    this.#changed.add(prototype);
    const end = prototype.end;
    prototype.end = function (this: RunningSpan, time?: TimeInput): void {
      if (!this.isRecording() || !matches(this)) {
        end.call(this, time);
        return;
      }
      busyWait(milliseconds);
      end.call(this, time === undefined ? undefined : later(time, milliseconds));
    };
  }

  /** The second span goes to the recorder alone: exporters of the application shall not send what never was. */
  override onEnd(span: EndedSpan): void {
    super.onEnd(span);
    if (this.#repeat === null || !this.#repeat(span)) return;
    if (this.#repeated.add(span.spanContext().traceId)) super.onEnd(repeatedSpan(span));
  }
}

/** Names are compared as they are recorded, and as the reader folds them. */
function matcher({ span: { kind, name }, request }: InjectionPlace): (span: EndedSpan) => boolean {
  const names = new SpanNames();
  const known = new Map<number, boolean>();
  const kindNumber = API_KIND[kind satisfies SpanKind];
  return (span) => {
    if (span.kind !== kindNumber || requestOf(span.spanContext().traceId) !== request) return false;
    const id = names.idOf(span) & 0xffff;
    const found = known.get(id);
    if (found !== undefined) return found;
    const text = names.table.after(id - 1).strings[0] ?? '';
    const matches = id > 0 && (text === name || foldNumbers(text) === name);
    known.set(id, matches);
    return matches;
  };
}

function ownerOfEnd(span: RunningSpan): RunningSpan | null {
  let owner: object | null = span;
  while (owner !== null && !Object.hasOwn(owner, 'end'))
    owner = Object.getPrototypeOf(owner) as object | null;
  return owner as RunningSpan | null;
}

function busyWait(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

/** A given end time is moved, since the SDK asks no clock then. */
function later(time: TimeInput, milliseconds: number): TimeInput {
  if (typeof time === 'number') return time + milliseconds;
  if (time instanceof Date) return time.getTime() + milliseconds;
  const nanoseconds = time[1] + milliseconds * 1e6;
  return [time[0] + Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
}

/** As long as the first, so that no duration moves; beside it, or below it where it is the root of its service. */
function repeatedSpan(span: EndedSpan): EndedSpan {
  const { traceId, spanId } = span.spanContext();
  const isRoot = span.kind === API_KIND.server || span.kind === API_KIND.consumer;
  const parent = isRoot ? spanId : (span.parentSpanContext?.spanId ?? span.parentSpanId);
  const context = { traceId, spanId: otherId(spanId) };
  return {
    name: span.name,
    kind: span.kind,
    status: span.status,
    attributes: span.attributes,
    events: span.events,
    startTime: span.startTime,
    duration: span.duration,
    spanContext: () => context,
    parentSpanContext: parent === undefined ? undefined : { spanId: parent },
    ...(span._performanceStartTime !== undefined && { _performanceStartTime: span._performanceStartTime }),
    ...(span._startTimeProvided !== undefined && { _startTimeProvided: span._startTimeProvided }),
  };
}

/** Its first word stays, which all ids of a process share; the local ids with another top bit are never reached. */
function otherId(spanId: string): string {
  const digit = Number.parseInt(spanId.charAt(8), 16) ^ 8;
  return `${spanId.slice(0, 8)}${digit.toString(16)}${spanId.slice(9)}`;
}

/** Reason: many more than requests in flight, and nothing to a memory. */
const REMEMBERED = 4_096;

class RecentTexts {
  #texts = new Set<string>();

  /** @returns whether it is new */
  add(text: string): boolean {
    if (this.#texts.has(text)) return false;
    if (this.#texts.size >= REMEMBERED) this.#texts = new Set();
    this.#texts.add(text);
    return true;
  }
}

/** What an SDK of the service adds to its resource is not known here, nor which values a name stands for in brackets. */
function maySend(name: string, { service, resource = {} }: RecorderIdentity): boolean {
  const place = serviceParts(name);
  if (name !== service && place.service !== service) return false;
  return Object.entries(place.resource).every(([attribute, value]) => {
    const own = resource[attribute];
    return own === undefined || own === value || value === ID_VALUE || value === OTHER_VALUE;
  });
}
