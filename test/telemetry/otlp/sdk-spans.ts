/** Spans of the real SDK, and OTLP requests that the SDK's own serialisers make of them. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { RecordedFile } from '../../../src/telemetry/chunk-reader.ts';
import { type SpanFields, type SpanTable, spanFields } from '../../../src/telemetry/span-table.ts';
import { SpanTableBuilder } from '../../../src/telemetry/span-table-builder.ts';

export { SpanKind, SpanStatusCode };

/** Starts and ends spans of a service with the real SDK. */
export function sdkSpans(service: string): {
  readonly tracer: ReturnType<BasicTracerProvider['getTracer']>;
  ended(): ReadableSpan[];
} {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'process.pid': 4711 }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  return { tracer: provider.getTracer('test'), ended: () => exporter.getFinishedSpans() };
}

export function protobufOf(spans: ReadableSpan[]): Uint8Array {
  return ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
}

export function jsonOf(spans: ReadableSpan[]): string {
  return new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans) as Uint8Array);
}

export function tableOf(files: readonly RecordedFile[]): SpanTable {
  const builder = new SpanTableBuilder(files);
  for (const file of files) builder.add(file);
  return builder.build().spans;
}

export function fieldsOf(table: SpanTable): readonly SpanFields[] {
  return Array.from({ length: table.count }, (_, row) => spanFields(table, row));
}
