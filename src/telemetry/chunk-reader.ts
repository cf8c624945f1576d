/** Reads the chunks of one recorder's file and says what is torn. Pure: bytes in, chunks out; never throws. */
import zlib from 'node:zlib';
import {
  CHUNK_CLOSED,
  CHUNK_HEADER_BYTES,
  CHUNK_MAGIC,
  type ChunkText,
  HEADER,
  type NewExceptions,
  type NewStrings,
  ROW_BYTES,
} from './recording-format.ts';

export interface RecordedFile {
  readonly text: readonly ChunkText[];
  /** Rows of all good chunks, each aligned to 8 bytes. */
  readonly rows: readonly Uint8Array[];
  readonly rowCount: number;
  /** Spans that the recorder refused, and those of chunks that are torn or damaged, as far as that can be known. */
  readonly dropped: number;
  readonly overflowed: number;
  /** Bytes that belong to no good chunk. */
  readonly tornBytes: number;
  /** Whether the recorder was closed in order; false for a killed process. */
  readonly closed: boolean;
  /** How many spans each row stands for; absent where nothing was sampled. */
  readonly adjustedCounts?: Float64Array;
}

interface ChunkHeader {
  readonly sequence: number;
  readonly rows: number;
  readonly textBytes: number;
  readonly checksum: number;
  readonly dropped: number;
  readonly overflowed: number;
  readonly flags: number;
}

export function readChunks(file: Uint8Array): RecordedFile {
  // A private copy: alignment must not depend on where a file reader put the bytes.
  const bytes = new Uint8Array(file);
  const text: ChunkText[] = [];
  const rows: Uint8Array[] = [];
  let rowCount = 0;
  let refused = 0;
  let lost = 0;
  let tornBytes = 0;
  let last: ChunkHeader | null = null;
  let at = 0;
  for (let sequence = 0; at < bytes.byteLength; sequence += 1) {
    const header = readHeader(bytes, at);
    if (header === null || header.sequence !== sequence) break;
    const end = at + CHUNK_HEADER_BYTES + header.textBytes + header.rows * ROW_BYTES;
    if (end > bytes.byteLength) {
      // Where the disk is full, this header alone says what all writes before it have lost.
      refused = header.dropped;
      lost += header.rows;
      break;
    }
    const chunkText = readText(bytes, at, header);
    if (chunkText === null) {
      lost += header.rows;
      tornBytes += end - at;
    } else {
      text.push(chunkText);
      if (header.rows > 0) rows.push(bytes.subarray(end - header.rows * ROW_BYTES, end));
      rowCount += header.rows;
      refused = header.dropped;
      last = header;
    }
    at = end;
  }
  return {
    text,
    rows,
    rowCount,
    dropped: refused + lost,
    overflowed: last?.overflowed ?? 0,
    tornBytes: tornBytes + bytes.byteLength - at,
    closed: last !== null && (last.flags & CHUNK_CLOSED) !== 0,
  };
}

function readHeader(bytes: Uint8Array, at: number): ChunkHeader | null {
  if (at + CHUNK_HEADER_BYTES > bytes.byteLength) return null;
  const words = new Uint32Array(bytes.buffer, at, CHUNK_HEADER_BYTES / 4);
  const word = (index: number): number => words[index] ?? 0;
  if (word(HEADER.magic) !== CHUNK_MAGIC || word(HEADER.textBytes) % 8 !== 0) return null;
  return {
    sequence: word(HEADER.sequence),
    rows: word(HEADER.rows),
    textBytes: word(HEADER.textBytes),
    checksum: word(HEADER.checksum),
    dropped: word(HEADER.dropped),
    overflowed: word(HEADER.overflowed),
    flags: word(HEADER.flags),
  };
}

/** Null where the checksum or the text is wrong. */
function readText(bytes: Uint8Array, at: number, header: ChunkHeader): ChunkText | null {
  const start = at + CHUNK_HEADER_BYTES;
  const textEnd = start + header.textBytes;
  const text = bytes.subarray(start, textEnd);
  if (header.checksum !== 0 && zlib.crc32(text) !== header.checksum) return null;
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(text));
    return isChunkText(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isChunkText(value: unknown): value is ChunkText {
  if (typeof value !== 'object' || value === null) return false;
  const { recorder, names, errorTypes, links, exceptions } = value as Record<string, unknown>;
  return (
    isStrings(names) &&
    isStrings(errorTypes) &&
    isExceptions(exceptions) &&
    (recorder === undefined || isIdentity(recorder)) &&
    (links === undefined || (Array.isArray(links) && links.every(isLinks)))
  );
}

function isLinks(value: unknown): boolean {
  return Array.isArray(value) && value.length > 1 && value.every((id) => typeof id === 'string');
}

function isExceptions(value: unknown): boolean {
  if (value === undefined) return true;
  const { texts, spans } = (value ?? {}) as Partial<NewExceptions>;
  return (
    texts !== undefined &&
    isStrings(texts) &&
    Array.isArray(spans) &&
    spans.every((each: unknown) => Array.isArray(each) && typeof each[0] === 'string')
  );
}

function isStrings(value: unknown): boolean {
  if (value === undefined) return true;
  const { from, strings } = (value ?? {}) as Partial<NewStrings>;
  const fits = typeof from === 'number' && Number.isInteger(from) && from >= 1 && from <= 0xffff;
  return fits && Array.isArray(strings) && strings.every((text) => typeof text === 'string');
}

function isTexts(value: unknown): boolean {
  const isMapping = typeof value === 'object' && value !== null;
  return isMapping && Object.values(value).every((text) => typeof text === 'string');
}

function isIdentity(value: unknown): boolean {
  const { service, pid, threadId, timeOrigin, resource = {} } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof service === 'string' &&
    isTexts(resource) &&
    [pid, threadId, timeOrigin].every((number) => Number.isFinite(number))
  );
}
