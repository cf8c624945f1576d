/** Reads what the recorders of one instance left behind. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecordedFile, readChunks } from './chunk-reader.ts';
import type { SpanTable } from './span-table.ts';
import { SpanTableBuilder } from './span-table-builder.ts';

/** One process or worker thread that recorded. */
export interface RecordedProcess {
  readonly service: string;
  readonly pid: number;
  /** 0 for the main thread. */
  readonly threadId: number;
  /** False where the process was killed: up to a quarter second of its spans is missing. */
  readonly closed: boolean;
  readonly spans: number;
}

export interface RecordingQuality {
  /** Refused over a limit, or lost with a torn chunk. */
  readonly droppedSpans: number;
  readonly tornBytes: number;
  readonly overflowSpans: number;
}

export interface Recording {
  readonly spans: SpanTable;
  readonly processes: readonly RecordedProcess[];
  readonly quality: RecordingQuality;
}

/**
 * Decodes all files in `directory`, one instance's recording directory. A directory without files is an empty
 * recording: whether that is an error is for the caller to say.
 *
 * @throws the error of the file system when the directory or a file cannot be read
 */
export async function readRecording(directory: string): Promise<Recording> {
  const names = (await readdir(directory)).filter(isSpanFile).sort();
  const files = await Promise.all(names.map((name) => readFile(join(directory, name))));
  return recordingOf(files.map(readChunks));
}

/** Bytes of spans that have arrived; cheap, for "has everything arrived" polling. */
export async function recordedBytes(directory: string): Promise<number> {
  const names = (await readdir(directory)).filter(isSpanFile);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function isSpanFile(name: string): boolean {
  return name.startsWith('spans-') && name.endsWith('.bin');
}

function recordingOf(files: readonly RecordedFile[]): Recording {
  const builder = new SpanTableBuilder(files);
  const processes: RecordedProcess[] = [];
  for (const file of files) {
    const identity = builder.add(file);
    processes.push({ ...identity, closed: file.closed, spans: file.rowCount });
  }
  return {
    spans: builder.build(),
    processes,
    quality: {
      droppedSpans: sum(files, (file) => file.dropped),
      tornBytes: sum(files, (file) => file.tornBytes),
      overflowSpans: sum(files, (file) => file.overflowed),
    },
  };
}

function sum(files: readonly RecordedFile[], countOf: (file: RecordedFile) => number): number {
  return files.reduce((total, file) => total + countOf(file), 0);
}
