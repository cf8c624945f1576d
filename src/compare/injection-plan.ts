/** Where the self test changes a service: one span that shall take longer, and one that shall be called once more. */
import type { Policy, Quantity } from '../config.ts';
import { type Measurement, parseSpanKeyId, type SpanKey, validInstances } from '../measurement.ts';
import { limitFor } from './policy.ts';

export interface InjectionPlan {
  readonly delay: PlannedDelay;
  readonly extra: PlannedCall;
}

export interface PlannedPlace {
  readonly operation: string;
  /** 0-based index of the operation among the requests of the workload. */
  readonly request: number;
  readonly span: SpanKey;
}

export interface PlannedDelay extends PlannedPlace {
  readonly seconds: number;
  /** Median duration of the span before. */
  readonly usual: number;
}

export interface PlannedCall extends PlannedPlace {
  /** Calls a request before. */
  readonly usual: number;
}

/** Far beyond the limits of all profiles, and still a change that a review lets through. */
const DELAY_SHARE = 0.3;
/** Several times the smallest shift that profiles look at, so that a short span is no excuse. */
const LEAST_DELAY_SECONDS = 0.0002;

/**
 * The delay goes to the operation with most requests, the call to the next one, if there is one; each to a child
 * span that every request makes about once, the longest of them, else to the root span.
 *
 * @param look a short measurement of the service as it is
 * @param span name of the span that shall get the delay
 * @returns null where no request has such a span
 */
export function planInjections(
  look: Measurement,
  { policy, span }: { readonly policy: Policy; readonly span?: string },
): InjectionPlan | null {
  const places = placesOf(look);
  const named = span === undefined ? places : places.filter((place) => place.span.name === span);
  const delayed = best(named, policy, 'p50');
  const others = places.filter((place) => place.operation !== delayed?.operation);
  const called = best(others, policy, 'calls') ?? best(places, policy, 'calls');
  if (!delayed || !called) return null;
  return {
    delay: {
      ...placeOf(delayed),
      seconds: Math.max(DELAY_SHARE * delayed.p50, LEAST_DELAY_SECONDS),
      usual: delayed.p50,
    },
    extra: { ...placeOf(called), usual: called.calls },
  };
}

interface Place extends PlannedPlace {
  readonly requests: number;
  readonly calls: number;
  readonly p50: number;
}

function placeOf({ operation, request, span }: Place): PlannedPlace {
  return { operation, request, span };
}

function placesOf(look: Measurement): readonly Place[] {
  return look.workload.requests.flatMap(({ name: operation }, request) =>
    validInstances(look)
      .slice(0, 1)
      .flatMap(({ operations }) => {
        const record = operations[operation];
        const requests = record?.traces ?? record?.requests ?? 0;
        return Object.entries(record?.spans ?? {}).flatMap(([id, { calls, duration }]) =>
          duration && requests > 0
            ? {
                operation,
                request,
                span: parseSpanKeyId(id),
                requests,
                calls: calls / requests,
                p50: duration.p50,
              }
            : [],
        );
      }),
  );
}

function best(places: readonly Place[], policy: Policy, quantity: Quantity): Place | undefined {
  const gated = places.filter((place) => limitFor(policy, { ...place, quantity }).level === 'fail');
  const [first] = (gated.length > 0 ? gated : places).toSorted(
    (left, right) =>
      right.requests - left.requests ||
      Number(isRoot(left)) - Number(isRoot(right)) ||
      distanceFromOnce(left) - distanceFromOnce(right) ||
      right.p50 - left.p50,
  );
  return first;
}

/** Root spans end when the answer is sent, so that no client waits for what is added to them. */
function isRoot({ span: { kind } }: Place): boolean {
  return kind === 'server' || kind === 'consumer';
}

/** About once is once: which requests were under way at the end is chance. */
function distanceFromOnce({ calls }: Place): number {
  return Math.round(2 * Math.abs(calls - 1));
}
