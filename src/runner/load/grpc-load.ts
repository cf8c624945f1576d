/** Closed load of unary gRPC calls: each connection makes its next call when the last one was answered. */
import type { Client, Metadata, ServiceError } from '@grpc/grpc-js';
import { Connection } from './connection.ts';
import { drain } from './drain.ts';
import { grpcMethods, type SerializeMessage } from './grpc-methods.ts';
import { LoadControl } from './load-control.ts';
import type { LoadOptions, LoadResult } from './load-result.ts';
import { type Outgoing, ownHeaders } from './outgoing.ts';

type Library = typeof import('@grpc/grpc-js');

/** A connection that fails is not tried again in a busy loop. */
const RECONNECT_MS = 50;

/**
 * @throws UserError (exit 3) `service-died`, `no-answers`; (exit 2) as `grpcMethods`; the signal's reason when it is
 *   aborted
 */
export async function runGrpcLoad(options: LoadOptions): Promise<LoadResult> {
  const { load, targets, workload, signal } = options;
  signal.throwIfAborted();
  if (load.grpc === undefined) throw new TypeError('a gRPC load needs a proto file');
  // Seldom needed, and slow to load.
  const { default: library } = await import('@grpc/grpc-js');
  const methods = await grpcMethods(load.grpc, workload.requests);
  const connections = Array.from({ length: load.connections }, () =>
    targets.map((_, position) => new Connection(position)),
  ).flat();
  const control = new LoadControl(options, connections, 0);
  const callers = connections.map((connection) => new Caller(connection, { control, library, methods }));
  control.begin();
  try {
    for (const caller of callers) caller.call();
    await control.finished;
    await drain(Promise.all(callers.map((caller) => caller.idle())));
  } finally {
    for (const caller of callers) caller.close();
  }
  return control.result('grpc');
}

interface Shared {
  readonly control: LoadControl;
  readonly library: Library;
  readonly methods: ReadonlyMap<string, SerializeMessage>;
}

const asIs = (bytes: Buffer): Buffer => bytes;

class Caller {
  readonly #connection: Connection;
  readonly #shared: Shared;
  readonly #client: Client;
  #busy = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;
  #onIdle: () => void = () => {};

  constructor(connection: Connection, shared: Shared) {
    this.#connection = connection;
    this.#shared = shared;
    const { control, library } = shared;
    const { host } = new URL(control.targets[connection.position]?.url ?? '');
    this.#client = new library.Client(host, library.credentials.createInsecure(), {
      // A connection of its own, as those of HTTP are.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_receive_message_length': -1,
    });
  }

  call(): void {
    const next = this.#closed ? null : this.#shared.control.next(this.#connection);
    this.#busy = next !== null;
    if (next === null) {
      this.#onIdle();
      return;
    }
    const { control, methods } = this.#shared;
    const { path, body } = next.request;
    const serialize = methods.get(path);
    if (!serialize) throw new TypeError(`nobody described ${path}`);
    const message = serialize(String(body));
    const deadline = Date.now() + control.timeoutSeconds * 1000;
    const from = performance.now();
    this.#client.makeUnaryRequest(path, asIs, asIs, message, this.#metadataOf(next), { deadline }, (error) =>
      this.#ended(error, (performance.now() - from) / 1000),
    );
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    if (!this.#busy) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#client.close();
  }

  #metadataOf(next: Outgoing): Metadata {
    const metadata = new this.#shared.library.Metadata();
    for (const [name, value] of next.request.headers) {
      if (!OF_HTTP.has(name.toLowerCase())) metadata.set(name, value);
    }
    for (const [name, value] of Object.entries(ownHeaders(next))) metadata.set(name, value);
    return metadata;
  }

  #ended(error: ServiceError | null, latency: number): void {
    const { control } = this.#shared;
    const loss = error === null ? null : lossOf(error, latency, control.timeoutSeconds);
    if (loss !== null) {
      control.lose(this.#connection, loss);
      this.#retry = setTimeout(() => this.call(), this.#connection.failures > 1 ? RECONNECT_MS : 0);
      return;
    }
    if (error !== null) this.#connection.body.add(Buffer.from(error.details));
    control.answer(this.#connection, error?.code ?? 0, latency);
    // Not at once: the library clears up behind this call.
    setImmediate(() => this.call());
  }
}

/** What every HTTP request gets, and the library sets itself. */
const OF_HTTP: ReadonlySet<string> = new Set(['accept', 'content-type', 'user-agent', 'content-length']);

const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

/** Null where the service itself has answered with that status. */
function lossOf({ code, details }: ServiceError, latency: number, timeoutSeconds: number): string | null {
  if (code === DEADLINE_EXCEEDED && latency >= timeoutSeconds * 0.99) return 'timeout';
  if (code !== UNAVAILABLE) return null;
  if (details.includes('ECONNREFUSED')) return 'connection refused';
  return /connection|ECONN|socket/i.test(details) ? 'connection closed' : null;
}
