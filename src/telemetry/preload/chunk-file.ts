/** Appends chunks to the recorder's file: asynchronously while the service runs, synchronously when it ends. */
import { closeSync, openSync, writev, writevSync } from 'node:fs';
import zlib from 'node:zlib';
import { CHUNK_HEADER_BYTES, CHUNK_MAGIC, type ChunkText, HEADER } from '../recording-format.ts';

export interface Chunk {
  readonly text: ChunkText;
  readonly rowCount: number;
  readonly rows: Uint8Array;
  readonly dropped: number;
  readonly overflowed: number;
  readonly flags: number;
}

export class ChunkFile {
  readonly #descriptor: number;
  #position = 0;
  #sequence = 0;
  #closed = false;
  /** Head and rows of the chunk that is being written, kept so that the end of the process can write it again. */
  #inFlight: readonly [Uint8Array, Uint8Array] | null = null;

  /** @throws the error of the file system when the file cannot be made. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'wx', 0o600);
  }

  get busy(): boolean {
    return this.#inFlight !== null;
  }

  /** Starts writing; `done` is told whether all bytes were written. Must not be called while `busy`. */
  append(chunk: Chunk, done: (written: boolean) => void): void {
    const parts = encodeChunk(chunk, this.#sequence);
    this.#inFlight = parts;
    writev(this.#descriptor, parts, this.#position, (error, written) => {
      if (this.#closed) return;
      this.#inFlight = null;
      done(this.#advance(error === null ? written : 0, parts));
    });
  }

  /**
   * Writes the last chunk before the process ends and closes the file. A chunk whose write is under way is written
   * again at the same place, since nobody will wait for the first attempt.
   */
  close(chunk: Chunk): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      if (this.#inFlight) this.#writeNow(this.#inFlight);
      this.#writeNow(encodeChunk(chunk, this.#sequence));
      closeSync(this.#descriptor);
    } catch {
      // A full disk or a closed descriptor: the missing last chunk tells the reader.
    }
  }

  #writeNow(parts: readonly [Uint8Array, Uint8Array]): void {
    this.#advance(writevSync(this.#descriptor, parts, this.#position), parts);
  }

  /** A short write (a full disk) is written over by the next chunk: nothing torn stays in the middle of the file. */
  #advance(written: number, parts: readonly [Uint8Array, Uint8Array]): boolean {
    if (written !== parts[0].byteLength + parts[1].byteLength) return false;
    this.#position += written;
    this.#sequence += 1;
    return true;
  }
}

function encodeChunk(chunk: Chunk, sequence: number): [Uint8Array, Uint8Array] {
  const json = JSON.stringify(chunk.text);
  const textBytes = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const head = Buffer.alloc(CHUNK_HEADER_BYTES + textBytes, ' ');
  head.write(json, CHUNK_HEADER_BYTES);
  const header = new Uint32Array(head.buffer, head.byteOffset, CHUNK_HEADER_BYTES / 4);
  header[HEADER.magic] = CHUNK_MAGIC;
  header[HEADER.sequence] = sequence;
  header[HEADER.rows] = chunk.rowCount;
  header[HEADER.textBytes] = textBytes;
  header[HEADER.checksum] = checksum(head.subarray(CHUNK_HEADER_BYTES));
  header[HEADER.dropped] = chunk.dropped;
  header[HEADER.overflowed] = chunk.overflowed;
  header[HEADER.flags] = chunk.flags;
  return [head, chunk.rows];
}

/** CRC-32 as zlib has it; 0, which the reader takes for "none", on Node before 20.15. */
function checksum(text: Uint8Array): number {
  return typeof zlib.crc32 === 'function' ? zlib.crc32(text) : 0;
}
