/** Reads what the recorders of one instance left behind. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordedFile, readChunks } from './chunk-reader.ts';
import { type MetricLine, type MetricPoint, metricsFileName, parseMetricLines } from './metric-point.ts';
import { type ProcessDetails, parseProcessDetails } from './process-details.ts';
import { ROW_DERIVED_NAME } from './recording-format.ts';
import { type SplitProblems, type SplitSender, splitServices } from './service-split.ts';
import type { SpanTable } from './span-table.ts';
import { identityOf, SpanTableBuilder } from './span-table-builder.ts';

/** One process or worker thread that recorded. */
export interface RecordedProcess {
  readonly service: string;
  readonly pid: number;
  /** 0 for the main thread. */
  readonly threadId: number;
  /** What the preload found out; null where its file is missing. */
  readonly details: ProcessDetails | null;
  /** False where the process was killed: up to a quarter second of its spans is missing. */
  readonly closed: boolean;
  readonly spans: number;
}

export interface RecordingQuality {
  /** Refused over a limit, or lost with a torn chunk. */
  readonly droppedSpans: number;
  readonly tornBytes: number;
  readonly overflowSpans: number;
  /** Names that stand for many that differ in their numbers, `order :id`. */
  readonly foldedNames: readonly string[];
  /** Names that were made from the URL, for want of a route. */
  readonly derivedNames: readonly string[];
}

export interface Recording {
  readonly spans: SpanTable;
  readonly processes: readonly RecordedProcess[];
  /** Of the preload, in the order in which they were written, process by process. */
  readonly metrics: readonly MetricPoint[];
  /** That services sent by OTLP: of the metrics that somebody asked for, with any number of sets of attributes. */
  readonly sentMetrics: readonly MetricPoint[];
  /** The same of services that all instances of the round share; absent where there is nothing. */
  readonly sharedMetrics?: readonly MetricPoint[];
  /** Those that reported any metric, also one that nobody asked for. */
  readonly metricServices: ReadonlySet<string>;
  /** Data points, or whole requests of them, that were sent and not kept. */
  readonly droppedPoints: number;
  readonly quality: RecordingQuality;
  /** Of services that sample, as far as their spans say it; absent where none does. */
  readonly sampled?: readonly SampledService[];
  /** Absent where services are not split. */
  readonly split?: SplitProblems;
  /** Of services that print their spans: prints that nobody can read; absent where there are none. */
  readonly unreadablePrints?: readonly { readonly service: string; readonly prints: number }[];
  /** Why requests with spans were refused by a receiver, or could not be read; absent where none was. */
  readonly refusals?: readonly string[];
}

export interface SampledService {
  readonly service: string;
  /** Spans that are here. */
  readonly kept: number;
  /** What they stand for. */
  readonly made: number;
}

/**
 * Decodes all files in `directory`, one instance's recording directory. A directory without files is an empty
 * recording: whether that is an error is for the caller to say.
 *
 * @param received what the instance sent by OTLP; a span that a recorder has too is taken from the recorder
 * @param splitBy attributes of resources that become part of the names of services in the span table
 * @throws the error of the file system when the directory or a file cannot be read
 */
export async function readRecording(
  directory: string,
  received: readonly RecordedFile[] = [],
  splitBy: readonly string[] = [],
): Promise<Recording> {
  const stems = (await readdir(directory))
    .flatMap((name) => /^spans-(.+)\.bin$/.exec(name)?.[1] ?? [])
    .sort();
  const recorded = await Promise.all(stems.map((stem) => readProcess(directory, stem)));
  return recordingOf([...recorded, ...received.map((spans) => ({ spans, details: null, metrics: [] }))], {
    mayRepeat: received.length > 0,
    splitBy,
  });
}

interface ProcessFiles {
  readonly spans: RecordedFile;
  readonly details: ProcessDetails | null;
  readonly metrics: readonly MetricLine[];
}

async function readProcess(directory: string, stem: string): Promise<ProcessFiles> {
  const [spans, details, metrics] = await Promise.all([
    readFile(join(directory, `spans-${stem}.bin`)),
    readIfThere(join(directory, `process-${stem}.json`)),
    readIfThere(join(directory, metricsFileName(stem))),
  ]);
  return {
    spans: readChunks(spans),
    details: parseProcessDetails(details),
    metrics: parseMetricLines(metrics),
  };
}

/** A process that was killed early has not written all of its files; without the file it has the empty text. */
async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function recordingOf(
  files: readonly ProcessFiles[],
  options: { readonly mayRepeat: boolean; readonly splitBy: readonly string[] },
): Recording {
  const builder = new SpanTableBuilder(
    files.map((file) => file.spans),
    options,
  );
  const processes: RecordedProcess[] = [];
  const metrics: MetricPoint[] = [];
  const split = options.splitBy.length > 0 ? splitServices(files.map(senderOf), options.splitBy) : null;
  for (const [index, { spans, details, metrics: lines }] of files.entries()) {
    const identity = builder.add(spans, split?.names[index]);
    processes.push({ ...identity, details, closed: spans.closed, spans: spans.rowCount });
    for (const { from, to, points } of lines) {
      metrics.push(...points.map((point) => ({ ...point, ...identity, from, to })));
    }
  }
  const { spans, foldedNames, damaged } = builder.build();
  const total = (countOf: (file: RecordedFile) => number): number =>
    files.reduce((sum, file) => sum + countOf(file.spans), 0);
  return {
    spans,
    processes,
    metrics,
    sentMetrics: [],
    ...sampledOf(files),
    metricServices: new Set(metrics.map(({ service }) => service)),
    ...(split && { split: split.problems }),
    droppedPoints: 0,
    quality: {
      droppedSpans: total((file) => file.dropped) + damaged,
      tornBytes: total((file) => file.tornBytes),
      overflowSpans: total((file) => file.overflowed),
      foldedNames,
      derivedNames: derivedNames(spans),
    },
  };
}

/** A recorder's resource is in what it found out about the process, which an SDK of the service may still change. */
function senderOf({ spans, details }: ProcessFiles): SplitSender {
  const { service, resource } = identityOf(spans);
  return { service, resource: { ...resource, ...details?.resource } };
}

function sampledOf(files: readonly ProcessFiles[]): Pick<Recording, 'sampled'> {
  const sampled = files.flatMap(({ spans }) => {
    const service = spans.text.find(({ recorder }) => recorder)?.recorder?.service ?? '';
    if (spans.adjustedCounts === undefined) return [];
    return [
      { service, kept: spans.rowCount, made: spans.adjustedCounts.reduce((sum, count) => sum + count, 0) },
    ];
  });
  return sampled.length === 0 ? {} : { sampled };
}

function derivedNames(spans: SpanTable): readonly string[] {
  const names = new Set<string>();
  for (let row = 0; row < spans.count; row += 1) {
    if ((spans.flags[row] ?? 0) & ROW_DERIVED_NAME) names.add(spans.names[spans.nameIds[row] ?? 0] ?? '');
  }
  return [...names].sort();
}
