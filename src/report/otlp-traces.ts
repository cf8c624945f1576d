/**
 * The example traces as OTLP in JSON, a line a trace, for the tool that people have: Jaeger, Tempo, Honeycomb or a
 * Collector (its `otlpjsonfile` receiver reads such files).
 * Source: https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
 */
import type { GateResult } from '../compare/comparison.ts';
import type { Exemplar, SpanException } from '../measurement.ts';
import { sideNames } from './compared-facts.ts';
import { spanKeyOf, splitServiceOf } from './span-key.ts';

/** As OTLP numbers them. */
const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const STATUSES = { ok: 1, error: 2 } as const;

/** What OTLP calls `ExportTraceServiceRequest`, as JSON has it. */
export interface TraceRequest {
  readonly resourceSpans: readonly object[];
}

/** Lines that end with a line feed each; nothing where no operation changed. */
export function otlpTraces(result: GateResult): string {
  // In a log, `##[` is a command to some CI runners.
  const lines = exemplarsOf(result).map((each) =>
    JSON.stringify(traceRequest(each)).replaceAll('##', '#\\u0023'),
  );
  return lines.map((line) => `${line}\n`).join('');
}

export interface PlacedExemplar {
  readonly exemplar: Exemplar;
  /** Which build it is of, such as `base`. */
  readonly side: string;
  readonly scenario: string;
}

/** The example traces of both sides of all operations that changed. */
export function exemplarsOf(result: GateResult): readonly PlacedExemplar[] {
  return result.comparisons.flatMap((comparison) => {
    const { scenario } = comparison;
    const names = sideNames(comparison);
    return (comparison.why ?? []).flatMap(({ exemplars }) => [
      ...exemplars.baseline.map((exemplar) => ({ exemplar, side: names.baseline, scenario })),
      ...exemplars.candidate.map((exemplar) => ({ exemplar, side: names.candidate, scenario })),
    ]);
  });
}

type Attribute = ReturnType<typeof attribute>;

/** One trace. */
export function traceRequest({ exemplar, side, scenario }: PlacedExemplar): TraceRequest {
  const services = [...new Set(exemplar.spans.map(({ span }) => spanKeyOf(span).service))];
  const common = [
    attribute('spangate.side', side),
    attribute('spangate.scenario', scenario),
    attribute('spangate.operation', exemplar.operation),
    attribute('spangate.why', exemplar.why),
  ];
  return {
    resourceSpans: services.map((service) => ({
      resource: { attributes: resourceOf(service) },
      scopeSpans: [{ scope: { name: 'spangate' }, spans: spansOf(exemplar, service, common) }],
    })),
  };
}

/** A service that is split is again what it was when it sent. */
function resourceOf(name: string): readonly Attribute[] {
  const { service, resource } = splitServiceOf(name);
  return [
    attribute('service.name', service),
    ...Object.entries(resource).map(([key, value]) => attribute(key, value)),
  ];
}

function spansOf(exemplar: Exemplar, service: string, common: readonly Attribute[]): readonly object[] {
  // A result that was edited by hand may have no date there.
  const began = BigInt(Date.parse(exemplar.startedAt) || 0) * 1_000_000n;
  const at = (seconds: number): string => String(began + BigInt(Math.round(seconds * 1e9)));
  return exemplar.spans.flatMap((span, index) => {
    const key = spanKeyOf(span.span);
    if (key.service !== service) return [];
    const end = at(span.start + span.duration);
    const error = span.errorType === undefined ? [] : [attribute('error.type', span.errorType)];
    return [
      {
        traceId: exemplar.traceId,
        spanId: spanIdOf(index),
        ...(span.parent !== undefined && { parentSpanId: spanIdOf(span.parent) }),
        name: key.name,
        kind: KINDS[key.kind],
        startTimeUnixNano: at(span.start),
        endTimeUnixNano: end,
        // What belongs to the whole trace stands on its first span.
        attributes: [...(index === 0 ? common : []), ...error],
        ...(span.exception && { events: [exceptionEvent(span.exception, end)] }),
        status: span.status === undefined ? {} : { code: STATUSES[span.status] },
      },
    ];
  });
}

/** When it was thrown is not kept. */
function exceptionEvent({ type, message }: SpanException, timeUnixNano: string): object {
  const attributes = [attribute('exception.type', type), attribute('exception.message', message)];
  return { name: 'exception', timeUnixNano, attributes };
}

/** Unique in its trace, which is what ids of spans have to be; a Measurement does not keep the services' own. */
function spanIdOf(index: number): string {
  return (index + 1).toString(16).padStart(16, '0');
}

function attribute(
  key: string,
  text: string,
): { readonly key: string; readonly value: { readonly stringValue: string } } {
  return { key, value: { stringValue: text } };
}
