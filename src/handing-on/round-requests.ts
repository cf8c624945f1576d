/** The spans of a round as OTLP in JSON, with the ids that the services gave them. Pure. */
import type { InstanceSpans } from '../runner/round-options.ts';
import { resourceOfName } from '../telemetry/service-split.ts';
import { parentIdOf, type SpanTable, spanFields, spanIdOf, traceIdOf } from '../telemetry/span-table.ts';
import { hasMintedParent, parseTraceWords } from '../telemetry/trace-id.ts';
import type { SpanBody } from './send-spans.ts';

/** Of one request; some receivers take 4 MiB at most, and a span has some 350 bytes. */
const MOST_SPANS = 2_000;

/** As OTLP numbers them. */
const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const STATUSES = { unset: 0, ok: 1, error: 2 } as const;

/** Rows of the requests of the measured stretch: no warm-up, no timers. */
export function measuredRows({ spans, runTag, instance }: InstanceSpans): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < spans.count; row += 1) {
    const origin = parseTraceWords(runTag, spans.traceIds, row * 4);
    if (origin?.phase === 'measured' && origin.instance === instance) rows.push(row);
  }
  return rows;
}

/** @param rows of `taken.spans` */
export function* roundRequests(taken: InstanceSpans, rows: readonly number[]): Generator<SpanBody> {
  for (let from = 0; from < rows.length; from += MOST_SPANS) {
    const part = rows.slice(from, from + MOST_SPANS);
    yield { text: requestText(taken, part), spans: part.length };
  }
}

function requestText(taken: InstanceSpans, rows: readonly number[]): string {
  const byService = new Map<string, object[]>();
  for (const row of rows) {
    const { service } = spanFields(taken.spans, row);
    const spans = byService.get(service) ?? [];
    byService.set(service, spans);
    spans.push(spanOf(taken.spans, row));
  }
  const common = [
    text('spangate.scenario', taken.scenario),
    ...(taken.arm === undefined ? [] : [text('spangate.side', taken.arm)]),
    text('spangate.round', String(taken.round)),
    text('service.instance.id', `${taken.round}-${taken.instance}`),
  ];
  return JSON.stringify({
    resourceSpans: [...byService].map(([service, spans]) => ({
      resource: {
        attributes: [...resourceOfName(service).map(([key, value]) => text(key, value)), ...common],
      },
      scopeSpans: [{ scope: { name: 'spangate' }, spans }],
    })),
  });
}

function spanOf(table: SpanTable, row: number): object {
  const fields = spanFields(table, row);
  // What the load generator minted is nobody's span.
  const parentSpanId = hasMintedParent(table, row) ? null : parentIdOf(table, row);
  const at = (seconds: number): string =>
    String(BigInt(table.epochSeconds) * 1_000_000_000n + BigInt(Math.round(seconds * 1e9)));
  return {
    traceId: traceIdOf(table, row),
    spanId: spanIdOf(table, row),
    ...(parentSpanId !== null && { parentSpanId }),
    name: fields.name,
    kind: KINDS[fields.kind],
    startTimeUnixNano: at(fields.startSeconds),
    endTimeUnixNano: at(fields.startSeconds + fields.durationSeconds),
    attributes: [
      ...(fields.errorType === null ? [] : [text('error.type', fields.errorType)]),
      ...(fields.httpStatus === null
        ? []
        : [{ key: 'http.response.status_code', value: { intValue: String(fields.httpStatus) } }]),
    ],
    status: fields.status === 'unset' ? {} : { code: STATUSES[fields.status] },
  };
}

function text(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}
