/** Reads the spans out of what a service wrote to its standard output and error, once it has ended. */
import type { RecordedFile } from '../chunk-reader.ts';
import { readLines } from '../logs/log-file-reader.ts';
import { ConsoleSpans } from './console-spans.ts';

/** What a service wrote. */
export interface ServiceOutput {
  /** Name of the service in the configuration. */
  readonly name: string;
  readonly logPath: string;
  /** Offset at which it began to write. */
  readonly logStart: number;
}

export interface PrintedSpans {
  readonly files: readonly RecordedFile[];
  /** Prints of spans that nobody can read, and the rest of an output that is too long, as one. */
  readonly unreadable: number;
}

/**
 * @param splitBy attributes of resources that are kept
 * @throws the error of the file system where the output cannot be read
 */
export function readPrintedSpans(
  { name, logPath, logStart }: ServiceOutput,
  splitBy: readonly string[] = [],
): PrintedSpans {
  const spans = new ConsoleSpans(name, splitBy);
  let cut = 0;
  const { dropped } = readLines({ path: logPath, from: logStart }, (line, isCut) => {
    if (isCut) cut += 1;
    spans.line(line, isCut);
  });
  spans.end();
  if (dropped > cut) spans.lose();
  return { files: spans.files(), unreadable: spans.unreadable };
}
