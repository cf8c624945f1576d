/**
 * One client of autocannon, made to send what `LoadControl` says.
 *
 * Four of its methods are replaced, each because its own way gives wrong figures or costs too much (all are in
 * lib/httpClient.js of 9.0.0; the package is pinned to that version):
 * - `getRequestBuffer`: `setupRequest` builds the whole request anew each time, although only the trace id changes.
 * - `pipelinedRequests.addBody`: decodes every piece of every body, and breaks characters that span two pieces.
 * - `_connect`: on a reconnect the lost request stays at the head of the queue, so that every later latency belongs
 *   to the request before; and a refused connection is tried again at once, in a busy loop.
 * - `_doRequest`: writes into a connection whose answer has just announced that it closes.
 */
import type { Connection } from './connection.ts';
import type { LoadControl } from './load-control.ts';
import { lossType } from './loss-type.ts';
import type { Outgoing } from './outgoing.ts';
import type { WireFormat } from './wire-format.ts';

/** A refused connection is not tried again in a busy loop. */
const RECONNECT_MS = 50;

/** What is used of lib/httpClient.js. */
export interface AutocannonClient extends NodeJS.EventEmitter {
  readonly pipelinedRequests: { size(): number; addBody: (piece: Buffer) => void };
  readonly parser: { reinitialize(type: 'RESPONSE'): void };
  readonly conn?: unknown;
  readonly destroyed: boolean;
  readonly reqsMade: number;
  /** Milliseconds. */
  timeout: number;
  /** Destroys itself instead of sending more requests than that. */
  responseMax: number;
  getRequestBuffer: () => string | Buffer;
  _connect: () => void;
  _doRequest: () => void;
  _destroyConnection(): void;
  destroy(): void;
}

interface ResponseHead {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly shouldKeepAlive: boolean;
}

export class AutocannonSession {
  /** Answers, and those of them that closed their connection. */
  answers = 0;
  closings = 0;
  readonly client: AutocannonClient;
  readonly #connection: Connection;
  readonly #control: LoadControl;
  readonly #wire: WireFormat;
  readonly #connect: () => void;
  readonly #send: () => void;
  #upcoming: Outgoing | null = null;
  #sent = false;
  #error: Error | null = null;
  #closing = false;
  #retry: NodeJS.Timeout | undefined;

  /** Called by `setupClient`, before the client connects. */
  constructor(
    client: AutocannonClient,
    to: { readonly connection: Connection; readonly control: LoadControl; readonly wire: WireFormat },
  ) {
    this.client = client;
    this.#connection = to.connection;
    this.#control = to.control;
    this.#wire = to.wire;
    this.#connect = client._connect.bind(client);
    this.#send = client._doRequest.bind(client);
    client.timeout = this.#control.timeoutSeconds * 1000;
    client.pipelinedRequests.addBody = (piece) => this.#connection.body.add(piece);
    client.getRequestBuffer = () => this.#bytes();
    client._connect = () => this.#reconnect();
    client._doRequest = () => {
      if (this.#closing && this.#upcoming !== null) this.#reconnect();
      else this.#send();
    };
    client.on('request', () => {
      this.#upcoming ??= this.#control.next(this.#connection);
      if (this.#upcoming === null) client.destroy();
    });
    client.on('headers', (head: ResponseHead) => this.#onHead(head));
    client.on('response', (status: number, _bytes: number, milliseconds: number) => {
      this.#onResponse(status, milliseconds / 1000);
    });
    client.on('connError', (error: Error) => {
      this.#error = error;
    });
  }

  /** Resolves when the answer in flight is here; no further request is sent. */
  async finish(): Promise<void> {
    const { client } = this;
    if (client.destroyed) return;
    client.responseMax = client.reqsMade;
    await new Promise((resolve) => client.once('done', resolve));
  }

  destroy(): void {
    clearTimeout(this.#retry);
    this.client.destroy();
  }

  #bytes(): string | Buffer {
    const outgoing = this.#upcoming;
    this.#upcoming = null;
    this.#sent = outgoing !== null;
    return outgoing === null ? '' : this.#wire.bytes(outgoing);
  }

  #onHead({ headers, shouldKeepAlive }: ResponseHead): void {
    this.#closing = !shouldKeepAlive;
    if (!this.#connection.hasCookies) return;
    const lines = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === 'set-cookie');
    if (lines.length > 0) this.#connection.keepCookies(lines, 'answer');
  }

  #onResponse(status: number, latency: number): void {
    this.#sent = false;
    this.answers += 1;
    if (this.#closing) this.closings += 1;
    this.#control.answer(this.#connection, status, latency);
    this.#upcoming = this.#control.next(this.#connection);
    if (this.#upcoming === null) this.client.responseMax = this.client.reqsMade;
  }

  /** Also called by autocannon: at the start, after an error, a time-out, or when the service closed. */
  #reconnect(): void {
    const { client } = this;
    if (client.conn === undefined) {
      this.#connect();
      return;
    }
    if (this.#retry || client.destroyed) return;
    // Only its time-out empties the queue before it connects anew.
    const timedOut = this.#error === null && client.pipelinedRequests.size() === 0;
    client._destroyConnection();
    client.parser.reinitialize('RESPONSE');
    if (this.#sent) this.#control.lose(this.#connection, timedOut ? 'timeout' : lossType(this.#error));
    this.#sent = false;
    this.#error = null;
    this.#closing = false;
    if (this.#connection.failures === 0) {
      this.#connect();
      return;
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (!client.destroyed) this.#connect();
    }, RECONNECT_MS);
  }
}
