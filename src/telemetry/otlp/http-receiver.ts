/**
 * OTLP/HTTP on loopback: protobuf and JSON, plain and packed, for traces, metrics and logs. Answers as the specification
 * of OTLP 1.11 says (opentelemetry-proto, docs/specification.md, "OTLP/HTTP").
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { OtlpEncoding, OtlpInbox, OtlpSignal } from './inbox.ts';
import { MOST_REQUEST_BYTES, tooLargeText } from './request-limit.ts';

export interface HttpReceiver extends AsyncDisposable {
  readonly port: number;
  /** Base of the paths, what `OTEL_EXPORTER_OTLP_ENDPOINT` takes. */
  readonly url: string;
}

export interface HttpReceiverOptions {
  readonly inbox: Pick<OtlpInbox, 'accept' | 'refuse'>;
  /** What is listened on; a free port of loopback where they are left out. */
  readonly host?: string;
  readonly port?: number;
  /** Of a request, also once it is unpacked. */
  readonly mostBytes?: number;
}

const PATH = /^\/v1\/(traces|metrics|logs)$/;
/** Nobody asks for it. What goes to any other path is most likely spans whose sender has the wrong one. */
const OTHER_SIGNAL = /profiles/;
const TYPES: Readonly<Record<string, OtlpEncoding>> = {
  'application/x-protobuf': 'protobuf',
  'application/json': 'json',
};
const CONTENT_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};
/** Goes into reports. */
const LONGEST_SHOWN_PATH = 100;
/** Numbers of google.rpc.Code. */
const RPC_INVALID_ARGUMENT = 3;
const RPC_UNKNOWN = 2;

type Unpack = (packed: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer>;

/** By the content encoding. The specification asks for gzip alone; SDKs of some languages can be told `deflate`. */
const UNPACK: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip)],
  ['deflate', promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate)],
]);

/** @throws the error of the system where the port cannot be had */
export async function startHttpReceiver({
  inbox,
  host = '127.0.0.1',
  port: wanted = 0,
  mostBytes = MOST_REQUEST_BYTES,
}: HttpReceiverOptions): Promise<HttpReceiver> {
  const server = createServer((request, response) => {
    answer(request, response, { inbox, mostBytes }).catch(() => response.destroy());
  });
  // A sender that keeps its connection between two batches must not find it closed.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await listening(server, host, wanted);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

interface Failure {
  readonly status: number;
  readonly message: string;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { inbox, mostBytes }: { readonly inbox: HttpReceiverOptions['inbox']; readonly mostBytes: number },
): Promise<void> {
  const encoding = TYPES[mediaTypeOf(request)];
  const signal = PATH.exec(request.url ?? '')?.[1] as OtlpSignal | undefined;
  const refusal = refusalOf(request, { signal, encoding, mostBytes });
  if (refusal !== null || signal === undefined || encoding === undefined) {
    // What is not read would be taken for the next request.
    response.shouldKeepAlive = false;
    request.resume();
    const failure = refusal ?? { status: 400, message: 'not understood' };
    if (request.method === 'POST' && !OTHER_SIGNAL.test(request.url ?? '')) {
      inbox.refuse(signal ?? 'traces', failure.message);
    }
    fail(response, encoding ?? 'json', failure);
    return;
  }
  const body = await bodyOf(request, mostBytes);
  if (!(body instanceof Uint8Array)) {
    response.shouldKeepAlive = false;
    inbox.refuse(signal, body.message);
    fail(response, encoding, body);
    return;
  }
  const problem = inbox.accept({ signal, encoding, bytes: body });
  if (problem !== null) {
    fail(response, encoding, { status: 400, message: problem });
    return;
  }
  // An Export…ServiceResponse whose partial_success is not set.
  const text = encoding === 'json' ? '{}' : '';
  response
    .writeHead(200, { 'content-type': CONTENT_TYPES[encoding], 'content-length': text.length })
    .end(text);
}

function mediaTypeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function refusalOf(
  { method, url, headers }: IncomingMessage,
  {
    signal,
    encoding,
    mostBytes,
  }: { signal: OtlpSignal | undefined; encoding: OtlpEncoding | undefined; mostBytes: number },
): Failure | null {
  if (signal === undefined) {
    return {
      status: 404,
      message: `${url?.slice(0, LONGEST_SHOWN_PATH)} is none of /v1/traces, /v1/metrics and /v1/logs`,
    };
  }
  if (method !== 'POST') return { status: 405, message: `${method} is not allowed here, only POST` };
  if (encoding === undefined) {
    return {
      status: 415,
      message: `the content type ${JSON.stringify(headers['content-type'] ?? '')} is neither application/x-protobuf nor application/json`,
    };
  }
  const packing = packingOf(headers);
  if (packing !== 'identity' && !UNPACK.has(packing)) {
    return {
      status: 415,
      message: `the content encoding ${JSON.stringify(packing)} is neither gzip nor deflate`,
    };
  }
  if (Number(headers['content-length'] ?? 0) > mostBytes) return tooLarge(mostBytes);
  return null;
}

function packingOf(headers: IncomingMessage['headers']): string {
  return (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
}

function tooLarge(mostBytes: number): Failure {
  return { status: 413, message: tooLargeText(mostBytes) };
}

async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Uint8Array | Failure> {
  const chunks = await chunksOf(request, mostBytes);
  if (chunks === null) return tooLarge(mostBytes);
  const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
  const packing = packingOf(request.headers);
  const unpack = UNPACK.get(packing);
  if (unpack === undefined) return body;
  try {
    return await unpack(body, { maxOutputLength: mostBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(mostBytes);
    return { status: 400, message: `the body is not ${packing}: ${(error as Error).message}` };
  }
}

/** Null where there are more bytes. By events: an asynchronous loop takes a turn of the event loop for each chunk. */
function chunksOf(request: IncomingMessage, mostBytes: number): Promise<readonly Buffer[] | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) {
        request.pause();
        resolve(null);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the sender has gone')));
  });
}

/** The body is a `google.rpc.Status` in the encoding of the request. */
function fail(response: ServerResponse, encoding: OtlpEncoding, { status, message }: Failure): void {
  const code = status === 400 ? RPC_INVALID_ARGUMENT : RPC_UNKNOWN;
  const body =
    encoding === 'json' ? Buffer.from(JSON.stringify({ code, message })) : statusMessage(code, message);
  response
    .writeHead(status, {
      'content-type': CONTENT_TYPES[encoding],
      'content-length': body.byteLength,
      ...(status === 405 && { allow: 'POST' }),
    })
    .end(body);
}

/** google.rpc.Status: code 1 varint, message 2 text. */
function statusMessage(code: number, message: string): Buffer {
  const text = Buffer.from(message.slice(0, 500));
  const length = text.byteLength;
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from([0x08, code, 0x12, ...size]), text]);
}
