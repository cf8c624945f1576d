/**
 * Reads the answers of one HTTP/1.1 connection from the pieces in which they come (RFC 9112), as far as a load needs
 * them: status, the few headers that matter, where the body ends. A small one of our own, since sending by a client
 * library costs the generator three quarters as much again a request (bench/load-driver.mjs).
 */

export interface AnswerSink {
  /**
   * Interim answers are not told.
   *
   * @param head as it came, for `cookiesOf`
   */
  onHead(status: number, head: string): void;
  onBody(piece: Uint8Array): void;
}

/** What the service sent is no answer. */
export class AnswerError extends Error {
  readonly code = 'MALFORMED_ANSWER';
}

/** The largest head that Node's own parser accepts is 16 KiB; cookies of some services need more. */
const LONGEST_HEAD = 64 * 1024;
/** Of a chunk's size with its extensions, or of one trailer. */
const LONGEST_LINE = 16 * 1024;

/** `body`: as many bytes as `#left` says. `last line`: the line break after a chunk. */
type State = 'idle' | 'head' | 'body' | 'body to end' | 'chunk size' | 'last line' | 'trailers';

const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  /** Whether the connection cannot be used again. */
  closes = false;
  readonly #sink: AnswerSink;
  #state: State = 'idle';
  #withBody = true;
  #chunked = false;
  #left = 0;
  /** The unfinished head or line. */
  #kept: Buffer = NOTHING;

  constructor(sink: AnswerSink) {
    this.#sink = sink;
  }

  /** @param method of the request that the next answer is for */
  begin(method: string): void {
    this.#withBody = method !== 'HEAD';
    this.#state = 'head';
  }

  /**
   * @returns whether the answer is complete
   * @throws AnswerError
   */
  push(piece: Buffer): boolean {
    let rest = piece;
    while (this.#state !== 'idle') {
      // Only these two can go on without another byte.
      if (rest.length === 0) return false;
      rest = this.#state === 'head' ? this.#readHead(rest) : this.#readBody(rest);
    }
    // More than what was asked for: nothing on this connection can be trusted any longer.
    if (rest.length > 0) this.closes = true;
    return true;
  }

  /** The connection ended: whether that was the end of an answer. */
  end(): boolean {
    const complete = this.#state === 'body to end';
    this.#state = 'idle';
    this.closes = true;
    return complete;
  }

  #readHead(piece: Buffer): Buffer {
    const all = this.#kept.length === 0 ? piece : Buffer.concat([this.#kept, piece]);
    const end = all.indexOf('\r\n\r\n');
    if (end === -1) {
      if (all.length > LONGEST_HEAD) throw new AnswerError('the head of an answer does not end');
      this.#kept = all;
      return NOTHING;
    }
    this.#kept = NOTHING;
    this.#interpret(all.toString('latin1', 0, end + 2));
    return all.subarray(end + 4);
  }

  #interpret(head: string): void {
    const match = /^HTTP\/1\.([01]) (\d{3})[ \r]/.exec(head);
    if (!match) throw new AnswerError('an answer that is not HTTP/1.1');
    const status = Number(match[2]);
    // An interim answer (100 Continue, 103 Early Hints): the real one follows.
    if (status < 200 && status !== 101) return;
    const connection = headerValue(CONNECTION, head);
    this.closes = match[1] === '0' ? !/keep-alive/i.test(connection) : /close/i.test(connection);
    this.#sink.onHead(status, head);
    this.#expectBody(head, status);
  }

  #expectBody(head: string, status: number): void {
    this.#chunked = false;
    if (!this.#withBody || status === 204 || status === 304) {
      this.#state = 'idle';
      return;
    }
    if (/chunked/i.test(headerValue(ENCODING, head))) {
      this.#chunked = true;
      this.#state = 'chunk size';
      return;
    }
    const length = headerValue(LENGTH, head);
    if (length === '') {
      this.closes = true;
      this.#state = 'body to end';
      return;
    }
    this.#left = Number(length);
    if (!Number.isSafeInteger(this.#left)) throw new AnswerError(`a length of ${length}`);
    this.#state = this.#left === 0 ? 'idle' : 'body';
  }

  /** @returns what is left of the piece */
  #readBody(piece: Buffer): Buffer {
    switch (this.#state) {
      case 'body to end':
        this.#sink.onBody(piece);
        return NOTHING;
      case 'body':
        return this.#readCounted(piece);
      default:
        return this.#readLine(piece);
    }
  }

  #readCounted(piece: Buffer): Buffer {
    const part = piece.length <= this.#left ? piece : piece.subarray(0, this.#left);
    this.#left -= part.length;
    this.#sink.onBody(part);
    if (this.#left === 0) this.#state = this.#chunked ? 'last line' : 'idle';
    return piece.subarray(part.length);
  }

  #readLine(piece: Buffer): Buffer {
    const end = piece.indexOf(0x0a);
    const upTo = end === -1 ? piece.length : end + 1;
    const all =
      this.#kept.length === 0
        ? piece.subarray(0, upTo)
        : Buffer.concat([this.#kept, piece.subarray(0, upTo)]);
    if (all.length > LONGEST_LINE) throw new AnswerError('a line of an answer does not end');
    this.#kept = end === -1 ? all : NOTHING;
    if (end !== -1) this.#onLine(all.toString('latin1', 0, all.length - 1).replace(/\r$/, ''));
    return piece.subarray(upTo);
  }

  #onLine(line: string): void {
    if (this.#state === 'trailers') {
      if (line === '') this.#state = 'idle';
      return;
    }
    if (this.#state === 'last line') {
      if (line !== '') throw new AnswerError('a chunk longer than it said');
      this.#state = 'chunk size';
      return;
    }
    const size = /^([0-9a-f]{1,12})[ \t]*(;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new AnswerError('a chunk without a size');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'body';
  }
}

/** Values of `set-cookie`. */
export function cookiesOf(head: string): string[] {
  return [...head.matchAll(COOKIES)].map(([, value]) => value ?? '');
}

const CONNECTION = /\r\nconnection:[ \t]*([^\r]*)/i;
const ENCODING = /\r\ntransfer-encoding:[ \t]*([^\r]*)/i;
const LENGTH = /\r\ncontent-length:[ \t]*(\d+)/i;
const COOKIES = /\r\nset-cookie:[ \t]*([^\r]*)/gi;

function headerValue(pattern: RegExp, head: string): string {
  return pattern.exec(head)?.[1] ?? '';
}
