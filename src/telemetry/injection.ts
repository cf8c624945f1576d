/**
 * A known change for a service to show that the gate would find it: the variable through which the preload gets it,
 * and what the variable says. Nothing is injected unless spangate sets it.
 */
import type { SpanKey } from '../measurement.ts';

export const INJECTION_VARIABLE = 'SPANGATE_INJECT';

/** Spans of one key, in traces of one request of the workload. */
export interface InjectionPlace {
  readonly span: SpanKey;
  /** 0-based index of the request in the workload. */
  readonly request: number;
}

export interface Injection {
  /** A busy wait at the end of each of these spans; null for none. */
  readonly delay: (InjectionPlace & { readonly seconds: number }) | null;
  /** Once a trace, the span is recorded a second time under an id of its own; null for none. */
  readonly repeat: InjectionPlace | null;
}

export function injectionText(injection: Injection): string {
  return JSON.stringify(injection);
}

/** @throws SyntaxError where `text` was not made by `injectionText` */
export function parseInjection(text: string): Injection {
  return JSON.parse(text) as Injection;
}
