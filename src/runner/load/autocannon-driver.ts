/**
 * autocannon 9 as the driver: one run, an array of URLs, one client a connection.
 *
 * Three things of its client are replaced, each because its own way gives wrong figures or costs too much (all are
 * in lib/httpClient.js of 9.0.0; the package is pinned to that version):
 * - `getRequestBuffer`: `setupRequest` rebuilds everything for each request, which nearly halves the requests a
 *   second that one core can send; only the trace id changes here.
 * - `requestIterator.recordBody`: gives the body without parsing headers that nobody reads.
 * - `_connect`: on a reconnect the request that was lost stays at the head of the queue, so that every later latency
 *   belongs to the request before; and a refused connection is tried again at once, in a busy loop.
 */
import type { Instance, Options } from 'autocannon';
import type { Connection, Outgoing } from './connection.ts';
import type { LoadControl } from './load-control.ts';
import { WireFormat } from './wire-format.ts';

/** Answers in flight at the end may still come in this time, so that the service is left in peace. */
const DRAIN_SECONDS = 2;
/** How often autocannon looks whether it is to stop. */
const SAMPLE_MS = 50;
const RECONNECT_MS = 50;

interface AutocannonClient extends NodeJS.EventEmitter {
  readonly opts: { readonly host: string };
  readonly pipelinedRequests: { size(): number };
  readonly parser: { reinitialize(type: 'RESPONSE'): void };
  readonly requestIterator: { recordBody: (request: unknown, status: number, body: string) => void };
  readonly conn?: unknown;
  readonly destroyed: boolean;
  readonly reqsMade: number;
  timeout: number;
  responseMax: number;
  getRequestBuffer: () => string | Buffer;
  _connect: () => void;
  _destroyConnection(): void;
  destroy(): void;
}

/** Runs the load until `control` says that it is over; nothing is left running afterwards, also on a failure. */
export async function driveAutocannon(control: LoadControl): Promise<void> {
  const { default: autocannon } = await import('autocannon');
  const { connections } = control;
  const clients: AutocannonClient[] = [];
  const wires = control.targets.map(({ url }) => new WireFormat(new URL(url).host));
  const options = {
    url: control.targets.map((target) => target.url),
    connections: connections.length,
    // Beyond any load: `control` ends it.
    duration: 1_000_000,
    timeout: Math.max(1, control.timeoutSeconds),
    sampleInt: SAMPLE_MS,
    skipAggregateResult: true,
    setupClient: (client: AutocannonClient) => {
      const connection = connections[clients.length];
      const wire = connection && wires[connection.position];
      if (!connection || !wire) throw new TypeError('autocannon made more clients than connections');
      clients.push(client);
      attach(client, connection, control, wire);
    },
  };
  control.begin();
  // The types of autocannon know neither an array of URLs nor what a client really is.
  const run = autocannon(options as unknown as Options) as unknown as Instance & PromiseLike<unknown>;
  try {
    await Promise.race([control.finished, run]);
    await drained(clients);
  } finally {
    for (const client of clients) client.destroy();
    run.stop();
    await run;
  }
}

function attach(
  client: AutocannonClient,
  connection: Connection,
  control: LoadControl,
  wire: WireFormat,
): void {
  let upcoming: Outgoing | null = null;
  let sent: Outgoing | null = null;
  let body = '';
  let error: string | null = null;
  let closing = false;
  let waiting = false;
  const connect = client._connect.bind(client);
  client.timeout = control.timeoutSeconds * 1000;
  client.requestIterator.recordBody = (_request, _status, text) => {
    body = text;
  };
  client.getRequestBuffer = () => {
    sent = upcoming;
    upcoming = null;
    return sent === null ? '' : wire.bytes(sent);
  };
  client.on('request', () => {
    upcoming ??= control.next(connection);
    if (upcoming === null) client.destroy();
  });
  client.on('headers', (head: { readonly shouldKeepAlive: boolean }) => {
    closing = !head.shouldKeepAlive;
  });
  client.on('response', (status: number, _bytes: number, milliseconds: number) => {
    sent = null;
    control.answer(connection, status, milliseconds / 1000, body);
    upcoming = control.next(connection);
    if (upcoming === null) client.responseMax = client.reqsMade;
  });
  client.on('connError', (reason: NodeJS.ErrnoException) => {
    error = reason.code ?? reason.message;
  });
  client._connect = () => {
    if (client.conn === undefined) return connect();
    if (waiting || client.destroyed) return;
    const timedOut = error === null && client.pipelinedRequests.size() === 0;
    client._destroyConnection();
    client.parser.reinitialize('RESPONSE');
    // Sent into a connection that the service had announced to close: it was never served, so it goes out again.
    if (closing && sent !== null) upcoming = sent;
    else control.lose(connection, timedOut ? 'timeout' : lossType(error));
    sent = null;
    error = null;
    closing = false;
    if (connection.failures === 0) return connect();
    waiting = true;
    setTimeout(() => {
      waiting = false;
      if (!client.destroyed) connect();
    }, RECONNECT_MS);
  };
}

/** Resolves when every client has its answer, or the time for that is over. */
async function drained(clients: readonly AutocannonClient[]): Promise<void> {
  const busy = clients.filter((client) => !client.destroyed);
  for (const client of busy) client.responseMax = client.reqsMade;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_SECONDS * 1000);
  });
  const done = busy.map((client) => new Promise<void>((resolve) => client.once('done', resolve)));
  await Promise.race([Promise.all(done), late]);
  clearTimeout(timer);
}

const LOSS_TYPES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
};

/** @param code of the socket's error; null where the service just closed the connection */
export function lossType(code: string | null): string {
  return code === null ? 'connection closed' : (LOSS_TYPES[code] ?? `connection ${code}`);
}
