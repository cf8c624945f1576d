/** Carries flights to the instances over connections that are kept alive, as many as are needed at once. */
import type { Flight } from './flight.ts';
import { type ConnectionOwner, KeepAliveConnection } from './keep-alive-connection.ts';
import type { LoadTarget } from './load-result.ts';
import { lossType } from './loss-type.ts';
import { WireFormat } from './wire-format.ts';

/** What becomes of a flight; one of the two is called, later than `send`. */
export interface Landing {
  /** @param at when the last piece of the answer was there, in milliseconds of `performance.now()` */
  answered(flight: Flight, at: number): void;
  lost(flight: Flight, type: string): void;
}

/** Many services close a connection that was idle for 5 s; a request must not meet that. */
const STALE_MS = 4000;
/** How often overdue answers are looked for: one timer for all, as one a request would cost more than the request. */
const OVERDUE_MS = 25;

export class Transport implements AsyncDisposable {
  /** Answers, and those of them that closed their connection. */
  answers = 0;
  closings = 0;
  readonly #lines: readonly Line[];
  readonly #overdue: NodeJS.Timeout;

  constructor(targets: readonly LoadTarget[], landing: Landing, timeoutSeconds: number) {
    this.#lines = targets.map(({ url }) => new Line(url, landing, this));
    this.#overdue = setInterval(() => {
      const before = performance.now() - timeoutSeconds * 1000;
      for (const line of this.#lines) line.checkOverdue(before);
    }, OVERDUE_MS);
  }

  /** Opens connections ahead, so that no measured latency includes it; one that fails is no error yet. */
  open(each: number): void {
    for (const line of this.#lines) line.open(each);
  }

  send(flight: Flight): void {
    (this.#lines[flight.turn.position] as Line).send(flight);
  }

  /** Nothing is told any more of what is still in flight. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#overdue);
    await Promise.all(this.#lines.map((line) => line.destroy()));
  }
}

/** The connections to one instance. */
class Line implements ConnectionOwner {
  readonly #address: { readonly host: string; readonly port: number };
  readonly #wire: WireFormat;
  readonly #landing: Landing;
  readonly #transport: Transport;
  readonly #all = new Set<KeepAliveConnection>();
  /** The one that waits longest first, so that all stay in use and none gets stale. */
  readonly #idle: KeepAliveConnection[] = [];

  constructor(url: string, landing: Landing, transport: Transport) {
    const { hostname, port, host } = new URL(url);
    this.#address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
    this.#wire = new WireFormat(host);
    this.#landing = landing;
    this.#transport = transport;
  }

  open(count: number): void {
    for (let opened = 0; opened < count; opened += 1) this.#idle.push(this.#connect());
  }

  send(flight: Flight): void {
    const bytes = this.#wire.bytes(flight.turn.outgoing);
    (this.#take() ?? this.#connect()).send(flight, bytes);
  }

  checkOverdue(before: number): void {
    for (const connection of this.#all) {
      if (connection.flight && connection.flight.from <= before)
        connection.abort(new DOMException('no answer in time', 'TimeoutError'));
    }
  }

  async destroy(): Promise<void> {
    const connections = [...this.#all];
    for (const connection of connections) connection.destroy();
    await Promise.all(connections.map((connection) => connection.closed));
  }

  answered(connection: KeepAliveConnection, flight: Flight, at: number): void {
    this.#transport.answers += 1;
    if (connection.usable) this.#idle.push(connection);
    else {
      this.#transport.closings += 1;
      this.#all.delete(connection);
      connection.destroy();
    }
    this.#landing.answered(flight, at);
  }

  lost(connection: KeepAliveConnection, flight: Flight, error: Error | null): void {
    this.#all.delete(connection);
    this.#landing.lost(flight, lossType(error));
  }

  gone(connection: KeepAliveConnection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  #take(): KeepAliveConnection | null {
    for (;;) {
      const connection = this.#idle.shift();
      if (!connection) return null;
      if (performance.now() - connection.idleSince < STALE_MS) return connection;
      this.#all.delete(connection);
      connection.destroy();
    }
  }

  #connect(): KeepAliveConnection {
    const connection = new KeepAliveConnection(this.#address, this);
    this.#all.add(connection);
    return connection;
  }
}
