/** Log records of the real SDK, and OTLP requests that the SDK's own serialisers make of them. */
import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { type Logger, SeverityNumber } from '@opentelemetry/api-logs';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import type { LogRecord } from '../../../src/telemetry/logs/log-record.ts';

export { SeverityNumber };

export interface SdkLogs {
  readonly logger: Logger;
  emitted(): ReadableLogRecord[];
}

export function sdkLogs(service: string): SdkLogs {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'process.pid': 4711 }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  return { logger: provider.getLogger('test'), emitted: () => exporter.getFinishedLogRecords() };
}

export function inSpan(traceId: string, spanId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1 });
}

export function protobufLogs(records: ReadableLogRecord[]): Uint8Array {
  return ProtobufLogsSerializer.serializeRequest(records) as Uint8Array;
}

export function jsonLogs(records: ReadableLogRecord[]): string {
  return new TextDecoder().decode(JsonLogsSerializer.serializeRequest(records) as Uint8Array);
}

/** All that a reader visits. */
export function collected(read: (visit: (record: LogRecord) => void) => void): readonly LogRecord[] {
  const records: LogRecord[] = [];
  read((record) => records.push(record));
  return records;
}
