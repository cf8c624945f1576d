/**
 * A small closed-loop driver on undici, for services that autocannon cannot measure: those that close their
 * connections, and what its parser does not know (answers to HEAD, interim answers).
 */
import { Client, type Dispatcher } from 'undici';
import type { Connection } from './connection.ts';
import { drain } from './drain.ts';
import type { LoadControl } from './load-control.ts';
import { lossType } from './loss-type.ts';
import { ownHeaders } from './outgoing.ts';

/** A refused connection is not tried again in a busy loop. */
const RECONNECT_MS = 50;
/** How often overdue answers are looked for: one timer for all, as one a request would cost more than the request. */
const OVERDUE_MS = 25;

/** Runs the load until `control` says that it is over; nothing is left running afterwards, also on a failure. */
export async function drivePlain(control: LoadControl): Promise<void> {
  const sessions = control.connections.map((connection) => new PlainSession(control, connection));
  control.begin();
  const overdue = setInterval(() => {
    for (const session of sessions) session.checkOverdue();
  }, OVERDUE_MS);
  try {
    for (const session of sessions) session.send();
    await control.finished;
    await drain(Promise.all(sessions.map((session) => session.idle())));
  } finally {
    clearInterval(overdue);
    await Promise.all(sessions.map((session) => session.destroy()));
  }
}

/** One connection. It is its own handler for undici, so that a request needs no promise and no closure. */
class PlainSession implements Dispatcher.DispatchHandler {
  readonly #control: LoadControl;
  readonly #connection: Connection;
  readonly #client: Client;
  #controller: Dispatcher.DispatchController | null = null;
  #busy = false;
  #from = 0;
  #status = 0;
  #retry: NodeJS.Timeout | undefined;
  #onIdle: () => void = () => {};

  constructor(control: LoadControl, connection: Connection) {
    this.#control = control;
    this.#connection = connection;
    const url = control.targets[connection.position]?.url ?? '';
    // Time-outs are those of `checkOverdue`; undici's own are seconds apart.
    this.#client = new Client(new URL(url).origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  }

  send(): void {
    const next = this.#control.next(this.#connection);
    this.#busy = next !== null;
    if (next === null) {
      this.#onIdle();
      return;
    }
    const { method, path, headers, body } = next.request;
    const all = { ...Object.fromEntries(headers), ...ownHeaders(next) };
    this.#from = performance.now();
    this.#client.dispatch({ method, path, headers: all, body }, this);
  }

  checkOverdue(): void {
    if (!this.#busy || performance.now() - this.#from < this.#control.timeoutSeconds * 1000) return;
    this.#controller?.abort(new DOMException('no answer in time', 'TimeoutError'));
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    if (!this.#busy) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  async destroy(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#client.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // Interim answers come here too; the last one counts.
    this.#status = status;
    const cookies = headers['set-cookie'];
    if (cookies && this.#connection.hasCookies) this.#connection.keepCookies([cookies].flat(), 'answer');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#connection.body.add(chunk);
  }

  onResponseEnd(): void {
    const latency = (performance.now() - this.#from) / 1000;
    this.#control.answer(this.#connection, this.#status, latency);
    // undici sees only after this call that the connection is free, or that it closes.
    queueMicrotask(() => this.send());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#control.lose(this.#connection, lossType(error));
    this.#retry = setTimeout(() => this.send(), this.#connection.failures > 1 ? RECONNECT_MS : 0);
  }
}
