/** Which spans of a service that several instances share belong to one of them. Pure. */
import type { RecordedFile } from './chunk-reader.ts';
import { ROW, ROW_BYTES, ROW_WORDS } from './recording-format.ts';
import { parseTraceId, parseTraceWords, type RunTag } from './trace-id.ts';

export interface InstanceRows {
  readonly runTag: RunTag;
  /** 0-based index in the round. */
  readonly instance: number;
  /** Whether there is no other instance, so that spans of no request can only be its own. */
  readonly isAlone: boolean;
}

/** The same files with only those rows whose trace began with a request to the instance. */
export function rowsOfInstance(
  files: readonly RecordedFile[],
  wanted: InstanceRows,
): readonly RecordedFile[] {
  if (wanted.isAlone) return files;
  const linked = linkedTraces(files, wanted);
  return files.map((file) => onlyOf(file, wanted, linked));
}

function onlyOf(
  file: RecordedFile,
  { runTag, instance }: InstanceRows,
  linked: ReadonlySet<string>,
): RecordedFile {
  const adjustedCounts: number[] = [];
  let row = -1;
  const rows = file.rows.map((bytes) => {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const kept = new Uint8Array(bytes.byteLength);
    let size = 0;
    for (let word = 0; word < words.length; word += ROW_WORDS) {
      row += 1;
      const origin = parseTraceWords(runTag, words, word + ROW.traceId);
      const isOwn = origin ? origin.instance === instance : linked.has(idAt(words, word + ROW.traceId, 4));
      if (!isOwn) continue;
      kept.set(bytes.subarray(word * 4, word * 4 + ROW_BYTES), size);
      size += ROW_BYTES;
      if (file.adjustedCounts) adjustedCounts.push(file.adjustedCounts[row] ?? 1);
    }
    return kept.subarray(0, size);
  });
  const rowCount = rows.reduce((sum, { byteLength }) => sum + byteLength / ROW_BYTES, 0);
  return {
    ...file,
    rows,
    rowCount,
    ...(file.adjustedCounts && { adjustedCounts: Float64Array.from(adjustedCounts) }),
  };
}

/** Traces that a consumer began, with a link to a request to the instance. */
function linkedTraces(
  files: readonly RecordedFile[],
  { runTag, instance }: Pick<InstanceRows, 'runTag' | 'instance'>,
): ReadonlySet<string> {
  const consumers = new Set(
    files
      .flatMap(({ text }) => text)
      .flatMap(({ links = [] }) => links)
      .filter(([, ...traceIds]) => traceIds.some((id) => parseTraceId(runTag, id)?.instance === instance))
      .map(([spanId]) => spanId),
  );
  const traces = new Set<string>();
  if (consumers.size === 0) return traces;
  for (const bytes of files.flatMap(({ rows }) => rows)) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    for (let word = 0; word < words.length; word += ROW_WORDS) {
      if (consumers.has(idAt(words, word + ROW.spanId, 2))) traces.add(idAt(words, word + ROW.traceId, 4));
    }
  }
  return traces;
}

function idAt(words: Uint32Array, at: number, count: number): string {
  return [...words.subarray(at, at + count)].map((word) => word.toString(16).padStart(8, '0')).join('');
}
