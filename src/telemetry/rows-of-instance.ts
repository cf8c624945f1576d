/** Which spans of a service that several instances share belong to one of them. Pure. */
import type { RecordedFile } from './chunk-reader.ts';
import { ROW, ROW_BYTES, ROW_WORDS } from './recording-format.ts';
import { parseTraceWords, type RunTag } from './trace-id.ts';

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
  return wanted.isAlone ? files : files.map((file) => onlyOf(file, wanted));
}

function onlyOf(file: RecordedFile, { runTag, instance }: InstanceRows): RecordedFile {
  const rows = file.rows.map((bytes) => {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const kept = new Uint8Array(bytes.byteLength);
    let size = 0;
    for (let word = 0; word < words.length; word += ROW_WORDS) {
      if (parseTraceWords(runTag, words, word + ROW.traceId)?.instance !== instance) continue;
      kept.set(bytes.subarray(word * 4, word * 4 + ROW_BYTES), size);
      size += ROW_BYTES;
    }
    return kept.subarray(0, size);
  });
  const rowCount = rows.reduce((sum, { byteLength }) => sum + byteLength / ROW_BYTES, 0);
  const share = file.rowCount === 0 ? 0 : rowCount / file.rowCount;
  return { ...file, rows, rowCount, ...(file.made !== undefined && { made: file.made * share }) };
}
