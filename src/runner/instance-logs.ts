/** What the services of an instance logged: records that came by OTLP, and lines of their output. */
import type { Logs } from '../config.ts';
import { withoutColours } from '../telemetry/colours.ts';
import { PrintedBlocks } from '../telemetry/console/printed-blocks.ts';
import { looksLikeSpan } from '../telemetry/console/printed-span.ts';
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

const NONE: DroppedRecords = { dropped: 0, droppedBelowWarn: 0 };

export interface InstanceLogsOptions {
  readonly logs: Logs;
  /** Records that came to the receivers of all instances; null where there are none. */
  readonly visitShared: ((visit: LogVisitor) => DroppedRecords) | null;
  readonly recording: Pick<Recording, 'spans'>;
  readonly traces: AssemblyOptions;
  /** Traces that reports draw, by request: their lines are kept as well. */
  readonly examples: readonly ReadonlySet<string>[];
}

/** To be called when the services have ended. @throws the error of the file system where a log cannot be read */
export function instanceLogs(
  { telemetry, services }: Pick<RunningInstance, 'telemetry' | 'services'>,
  { logs, visitShared, recording, traces, examples }: InstanceLogsOptions,
): InstanceLogs {
  const { keep } = logs;
  const source = {
    visit(visit: LogVisitor, only?: ReadonlySet<string>): DroppedRecords {
      // A service that sends its records, and writes them down too, logs each once.
      const sending = new Set<string>();
      const visitSent: LogVisitor = (record) => {
        if (record.traceId !== null) sending.add(record.service);
        visit(record);
      };
      const sent = [telemetry.visitLogs(visitSent), visitShared?.(visitSent) ?? NONE];
      const start = traceIdStart(traces.runTag);
      const isOfUse = (line: string) => (only ? namesOneOf(line, start, only) : mayMatter(line, start));
      const written = services.map((service) =>
        visitOutput(service, {
          isOfUse,
          isPrinting: telemetry.isPrinting(service.name),
          visit(record) {
            const isSent = sending.has(record.service) || sending.has(telemetry.sentNameOf(service.name));
            if (!isSent) visit(record);
          },
        }),
      );
      return [...sent, ...written].reduce(
        (sum, { dropped, droppedBelowWarn }) => ({
          dropped: sum.dropped + dropped,
          droppedBelowWarn: sum.droppedBelowWarn + droppedBelowWarn,
        }),
        NONE,
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

/** Hands on the lines of those that are no spans. */
function printedObjects(visitLine: (line: string, isCut: boolean) => void): PrintedBlocks {
  const visitUnlessSpan = (text: string) => {
    if (!looksLikeSpan(text)) for (const line of text.split('\n')) visitLine(line, false);
  };
  return new PrintedBlocks({ block: visitUnlessSpan, cut: visitUnlessSpan });
}

interface OutputVisitor {
  readonly isOfUse: (line: string) => boolean;
  /** Whether there are printed spans among the lines: they name traces and errors, and are no records. */
  readonly isPrinting: boolean;
  readonly visit: LogVisitor;
}

function visitOutput(
  { name, logPath, logStart }: ServingProcess,
  { isOfUse, isPrinting, visit }: OutputVisitor,
): DroppedRecords {
  let harmless = 0;
  const visitLine = (line: string, isCut: boolean) => {
    const isUseful = isOfUse(line);
    const record = isUseful ? parseLogLine(line, name) : null;
    if (record !== null) visit(record);
    // Of a line whose beginning says how severe it is, nothing is missing but text.
    if (isCut && (!isUseful || (record?.severity ?? null) !== null)) harmless += 1;
  };
  const objects = isPrinting ? printedObjects(visitLine) : null;
  const { dropped } = readLines({ path: logPath, from: logStart }, (line, isCut) => {
    const isOfObject = objects?.line(withoutColours(line), isCut) ?? false;
    if (!isOfObject) visitLine(line, isCut);
  });
  objects?.end();
  return { dropped: dropped - harmless, droppedBelowWarn: harmless };
}
