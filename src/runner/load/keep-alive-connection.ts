/** One connection to an instance, kept alive, with at most one request in flight. */
import { connect, type Socket } from 'node:net';
import { AnswerReader, type AnswerSink, cookiesOf } from './answer-reader.ts';
import type { Flight } from './flight.ts';

/** Where what happens on a connection is told; times are those of `performance.now()`, in milliseconds. */
export interface ConnectionOwner {
  /** @param at when the last piece of the answer was there */
  answered(connection: KeepAliveConnection, flight: Flight, at: number): void;
  /** @param error null where the service just closed the connection */
  lost(connection: KeepAliveConnection, flight: Flight, error: Error | null): void;
  /** The connection is of no use any more, and had nothing in flight. */
  gone(connection: KeepAliveConnection): void;
}

export class KeepAliveConnection implements AnswerSink {
  readonly closed: Promise<void>;
  /** When the last answer ended. */
  idleSince = performance.now();
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader = new AnswerReader(this);
  #flight: Flight | null = null;
  #over = false;

  constructor(address: { readonly host: string; readonly port: number }, owner: ConnectionOwner) {
    this.#owner = owner;
    // Without noDelay, a request in two segments would wait for the acknowledgement of the first.
    this.#socket = connect({ ...address, noDelay: true });
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.on('data', (piece) => this.#onData(piece));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('end', () => this.#onEnd());
    this.#socket.on('close', () => this.#fail(null));
  }

  get flight(): Flight | null {
    return this.#flight;
  }

  /** Whether another request may be sent on it. */
  get usable(): boolean {
    return !this.#over && !this.#reader.closes;
  }

  send(flight: Flight, bytes: string | Buffer): void {
    this.#flight = flight;
    this.#reader.begin(flight.turn.outgoing.request.method);
    flight.from = performance.now();
    this.#socket.write(bytes);
  }

  /** Ends it; what is in flight is lost for this reason. */
  abort(reason: Error): void {
    this.#fail(reason);
  }

  /** Ends it and tells nobody. */
  destroy(): void {
    this.#over = true;
    this.#flight = null;
    this.#socket.destroy();
  }

  onHead(status: number, head: string): void {
    const flight = this.#flight;
    if (!flight) return;
    flight.status = status;
    const { session } = flight.turn;
    if (session.hasCookies) session.keepCookies(cookiesOf(head), 'answer');
  }

  onBody(piece: Uint8Array): void {
    this.#flight?.body.add(piece);
  }

  #onData(piece: Buffer): void {
    const at = performance.now();
    if (!this.#flight) {
      // An answer that nobody asked for.
      this.#fail(null);
      return;
    }
    try {
      if (this.#reader.push(piece)) this.#complete(at);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #onEnd(): void {
    if (this.#flight && this.#reader.end()) this.#complete(performance.now());
    this.#fail(null);
  }

  #complete(at: number): void {
    const flight = this.#flight;
    if (!flight) return;
    this.#flight = null;
    this.idleSince = at;
    this.#owner.answered(this, flight, at);
  }

  #fail(error: Error | null): void {
    if (this.#over) return;
    const flight = this.#flight;
    this.destroy();
    if (flight) this.#owner.lost(this, flight, error);
    else this.#owner.gone(this);
  }
}
