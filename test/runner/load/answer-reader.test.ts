import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerError, AnswerReader, cookiesOf } from '../../../src/runner/load/answer-reader.ts';

interface Read {
  readonly statuses: number[];
  readonly bodies: string[];
  readonly closes: boolean;
  readonly complete: boolean;
}

/** Reads answers one after the other from bytes in these pieces; a new request goes out after each answer. */
function read(
  pieces: readonly Buffer[],
  options: { methods?: readonly string[]; ends?: boolean } = {},
): Read {
  const statuses: number[] = [];
  const bodies: string[] = [];
  let body: Buffer[] = [];
  const reader = new AnswerReader({
    onHead: (status) => statuses.push(status),
    onBody: (piece) => body.push(Buffer.from(piece)),
  });
  const methods = [...(options.methods ?? [])];
  const begin = () => reader.begin(methods.shift() ?? 'GET');
  const finish = () => {
    bodies.push(Buffer.concat(body).toString());
    body = [];
  };
  let complete = false;
  begin();
  for (const piece of pieces) {
    if (complete) begin();
    complete = reader.push(piece);
    if (complete) finish();
  }
  if (options.ends && !complete) {
    complete = reader.end();
    if (complete) finish();
  }
  return { statuses, bodies, closes: reader.closes, complete };
}

const bytes = (text: string) => Buffer.from(text);
const answer = (text: string) => [bytes(text.replaceAll('\n', '\r\n'))];

/** An answer as a server may write it, with the body that it carries. */
const anyAnswer = fc
  .record({
    status: fc.constantFrom(200, 201, 404, 500, 204, 304),
    framing: fc.constantFrom('length' as const, 'chunked' as const),
    interim: fc.boolean(),
    chunks: fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 5 }),
    extension: fc.constantFrom('', ';name=value', ' '),
    trailer: fc.constantFrom('', 'x-checksum: 12\r\n'),
    spelling: fc.constantFrom('Content-Length', 'content-length', 'CONTENT-LENGTH'),
  })
  .map((parts) => {
    const bare = parts.status === 204 || parts.status === 304;
    const chunks = parts.chunks.filter((chunk) => chunk !== '');
    const body = bare ? '' : chunks.join('');
    const framed =
      parts.framing === 'length'
        ? `${parts.spelling}: ${Buffer.byteLength(body)}\r\n\r\n${body}`
        : `Transfer-Encoding: chunked\r\n\r\n${chunks
            .map((chunk) => `${Buffer.byteLength(chunk).toString(16)}${parts.extension}\r\n${chunk}\r\n`)
            .join('')}0\r\n${parts.trailer}\r\n`;
    const interim = parts.interim ? 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n' : '';
    const head = `${interim}HTTP/1.1 ${parts.status} Some Words\r\nDate: today\r\n`;
    return { status: parts.status, body, text: bare ? `${head}\r\n` : head + framed };
  });

describe('the reader of answers', () => {
  it('finds status and body of any answer, into whatever pieces the network cuts it', () => {
    fc.assert(
      fc.property(anyAnswer, fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }), (given, cuts) => {
        const all = bytes(given.text);
        const pieces: Buffer[] = [];
        let at = 0;
        for (const length of cuts) {
          if (at + length >= all.length) break;
          pieces.push(all.subarray(at, at + length));
          at += length;
        }
        pieces.push(all.subarray(at));
        expect(read(pieces)).toEqual({
          statuses: [given.status],
          bodies: [given.body],
          closes: false,
          complete: true,
        });
      }),
      { seed: 4, numRuns: 400 },
    );
  });

  it('finds them byte by byte too, and each answer of many on one connection', () => {
    fc.assert(
      fc.property(fc.array(anyAnswer, { minLength: 1, maxLength: 4 }), (all) => {
        const pieces = all.flatMap(({ text }) => [...bytes(text)].map((byte) => Buffer.from([byte])));
        const found = read(pieces);
        expect(found.statuses).toEqual(all.map(({ status }) => status));
        expect(found.bodies).toEqual(all.map(({ body }) => body));
        expect(found.complete).toBe(true);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it('takes the end of the connection for the end of a body without a length', () => {
    const found = read(answer('HTTP/1.1 200 OK\n\nhello'), { ends: true });
    expect(found).toEqual({ statuses: [200], bodies: ['hello'], closes: true, complete: true });
  });

  it.each([
    ['in the head', 'HTTP/1.1 200 OK\nContent-Le'],
    ['in a body with a length', 'HTTP/1.1 200 OK\nContent-Length: 9\n\nhello'],
    ['in a chunk', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n9\nhello'],
    ['before the last chunk', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n'],
  ])('does not take it for the end of anything else: %s', (_where, text) => {
    expect(read(answer(text), { ends: true }).complete).toBe(false);
  });

  it('expects no body of an answer to HEAD, whatever its length says', () => {
    const head = 'HTTP/1.1 200 OK\nContent-Length: 500\n\n';
    const pieces = [...answer(head), ...answer('HTTP/1.1 200 OK\nContent-Length: 2\n\nok')];
    expect(read(pieces, { methods: ['HEAD', 'GET'] }).bodies).toEqual(['', 'ok']);
  });

  it.each([
    ['HTTP/1.1 200 OK\nContent-Length: 0\n\n', false],
    ['HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\n\n', true],
    ['HTTP/1.0 200 OK\nContent-Length: 0\n\n', true],
    ['HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 0\n\n', false],
    // More than was asked for.
    ['HTTP/1.1 200 OK\nContent-Length: 2\n\nok!', true],
  ])('knows whether the connection can be used again: %j', (text, closes) => {
    expect(read(answer(text)).closes).toBe(closes);
  });

  it.each([
    'SSH-2.0-OpenSSH_9.2\n\n\n',
    'HTTP/2 200\n\n',
    'HTTP/1.1 OK\n\n',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nzz\n',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhello\n',
    'HTTP/1.1 200 OK\nContent-Length: 99999999999999999999\n\n',
    `HTTP/1.1 200 OK\nX: ${'x'.repeat(70_000)}`,
    `HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1;${'x'.repeat(20_000)}`,
  ])('refuses what is no answer: %.30j', (text) => {
    expect(() => read(answer(text))).toThrow(AnswerError);
  });

  it('lists the cookies of a head, in any spelling', () => {
    const head = 'HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nX: y\r\nset-cookie:b=2\r\n';
    expect(cookiesOf(head)).toEqual(['a=1; Path=/', 'b=2']);
    expect(cookiesOf('HTTP/1.1 200 OK\r\nX-Set-Cookie: a=1\r\n')).toEqual([]);
  });
});
