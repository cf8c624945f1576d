/** What the services of an instance logged: records that came by OTLP, and lines of their output. */
import type { Logs } from '../config.ts';
import { readLines } from '../telemetry/logs/log-file-reader.ts';
import { mayMatter, namesOneOf, parseLogLine } from '../telemetry/logs/log-line.ts';
import type { LogVisitor } from '../telemetry/logs/log-record.ts';
import { notableTraces } from '../telemetry/logs/notable-traces.ts';
import { redactorOf } from '../telemetry/logs/redaction.ts';
import { assembleLogs, type DroppedRecords, type InstanceLogs } from '../telemetry/logs/request-logs.ts';
import type { Recording } from '../telemetry/recording.ts';
import type { AssemblyOptions } from '../telemetry/trace-assembly.ts';
import { traceIdStart } from '../telemetry/trace-id.ts';
import type { RunningInstance } from './instances.ts';
import type { ServingProcess } from './serving-process.ts';

export interface InstanceLogsOptions {
  readonly logs: Logs;
  readonly recording: Pick<Recording, 'spans'>;
  readonly traces: AssemblyOptions;
  /** Traces that reports draw, by request: their lines are kept as well. */
  readonly examples: readonly ReadonlySet<string>[];
}

/** To be called when the services have ended. @throws the error of the file system where a log cannot be read */
export function instanceLogs(
  { telemetry, services }: Pick<RunningInstance, 'telemetry' | 'services'>,
  { logs, recording, traces, examples }: InstanceLogsOptions,
): InstanceLogs {
  const { keep } = logs;
  const source = {
    visit(visit: LogVisitor, only?: ReadonlySet<string>): DroppedRecords {
      // A service that sends its records, and writes them down too, logs each once.
      const sending = new Set<string>();
      const sent = telemetry.visitLogs((record) => {
        if (record.traceId !== null) sending.add(record.service);
        visit(record);
      });
      const start = traceIdStart(traces.runTag);
      const isOfUse = (line: string) => (only ? namesOneOf(line, start, only) : mayMatter(line, start));
      const written = services.map((service) =>
        visitOutput(service, isOfUse, (record) => {
          const isSent = sending.has(record.service) || sending.has(telemetry.sentNameOf(service.name));
          if (!isSent) visit(record);
        }),
      );
      return written.reduce(
        (sum, { dropped, droppedBelowWarn }) => ({
          dropped: sum.dropped + dropped,
          droppedBelowWarn: sum.droppedBelowWarn + droppedBelowWarn,
        }),
        sent,
      );
    },
  };
  return assembleLogs(source, {
    ...traces,
    notable: notableTraces(recording.spans, { ...traces, keep }).map(
      (notable, request) => new Set([...notable, ...(keep > 0 ? (examples[request] ?? []) : [])]),
    ),
    keep,
    redact: redactorOf(logs.redact),
  });
}

function visitOutput(
  { name, logPath, logStart }: ServingProcess,
  isOfUse: (line: string) => boolean,
  visit: LogVisitor,
): DroppedRecords {
  let harmless = 0;
  const { dropped } = readLines({ path: logPath, from: logStart }, (line, isCut) => {
    const isUseful = isOfUse(line);
    const record = isUseful ? parseLogLine(line, name) : null;
    if (record !== null) visit(record);
    // Of a line whose beginning says how severe it is, nothing is missing but text.
    if (isCut && (!isUseful || (record?.severity ?? null) !== null)) harmless += 1;
  });
  return { dropped: dropped - harmless, droppedBelowWarn: harmless };
}
