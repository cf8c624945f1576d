/** Reads the file that holds what a service wrote, line by line and within limits, once the service has ended. */
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

export interface LinesRead {
  /** Lines that were cut, as one each, and the rest of a file beyond the limit, as one. */
  readonly dropped: number;
}

/** Longer lines are no log records; they are looked at up to here. */
const LONGEST_LINE = 64 * 1024;
const MOST_BYTES = 512 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

export interface ReadLinesOptions {
  readonly path: string;
  /** Offset at which the service began to write. */
  readonly from: number;
  readonly mostBytes?: number;
}

/** @param isCut whether the line is longer, and this is its beginning */
export type LineVisitor = (line: string, isCut: boolean) => void;

/** @throws the error of the file system */
export function readLines(
  { path, from, mostBytes = MOST_BYTES }: ReadLinesOptions,
  visit: LineVisitor,
): LinesRead {
  const descriptor = openSync(path, 'r');
  try {
    return readAll(descriptor, { from, mostBytes }, visit);
  } finally {
    closeSync(descriptor);
  }
}

function readAll(
  descriptor: number,
  { from, mostBytes }: { readonly from: number; readonly mostBytes: number },
  visit: LineVisitor,
): LinesRead {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const decoder = new StringDecoder('utf8');
  const lines = new LineSplitter(visit);
  for (let at = from; ; ) {
    if (at - from >= mostBytes) return { dropped: lines.cut + 1 };
    const length = readSync(descriptor, chunk, 0, Math.min(chunk.length, mostBytes - (at - from)), at);
    if (length === 0) break;
    at += length;
    lines.add(decoder.write(chunk.subarray(0, length)));
  }
  lines.end(decoder.end());
  return { dropped: lines.cut };
}

class LineSplitter {
  cut = 0;
  readonly #visit: LineVisitor;
  #rest = '';
  /** Behind the limit of a line, up to its end. */
  #skipping = false;

  constructor(visit: LineVisitor) {
    this.#visit = visit;
  }

  add(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#append(text.slice(from, end));
      this.#finish();
      from = end + 1;
    }
    this.#append(text.slice(from));
  }

  end(text: string): void {
    this.add(text);
    if (this.#rest !== '') this.#finish();
  }

  #append(text: string): void {
    if (this.#skipping) return;
    const room = LONGEST_LINE - this.#rest.length;
    if (text.length <= room) this.#rest += text;
    else {
      this.#rest += text.slice(0, room);
      this.#skipping = true;
      this.cut += 1;
    }
  }

  #finish(): void {
    this.#visit(this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest, this.#skipping);
    this.#rest = '';
    this.#skipping = false;
  }
}
