/**
 * Receivers at addresses that the user has fixed, for services that spangate does not start. They listen as long as a
 * run lasts, and what comes in a round is told apart by trace: a trace id says which instance its request went to. A
 * metric names none, so it is of all of them.
 */
import type { Receivers } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import type { RecordedFile } from '../chunk-reader.ts';
import type { LogVisitor } from '../logs/log-record.ts';
import type { MetricPoint } from '../metric-point.ts';
import { type InstanceRows, rowsOfInstance } from '../rows-of-instance.ts';
import type { GrpcReceiver } from './grpc-receiver.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { type InboxOptions, type OtlpBody, OtlpInbox } from './inbox.ts';

/** What is kept besides spans; nothing where it is left out. */
export type SharedSignals = Pick<InboxOptions, 'logs' | 'metrics' | 'splitBy'>;

export interface SharedLogs {
  /** Requests that nobody can read, and records that were too many: they may be anybody's. */
  readonly dropped: number;
  readonly droppedBelowWarn: number;
}

export interface SharedMetrics {
  readonly points: readonly MetricPoint[];
  /** Data points, or whole requests of them, that were sent and not kept. */
  readonly dropped: number;
}

export class SharedReceivers implements AsyncDisposable {
  readonly settleSeconds: number;
  readonly #signals: SharedSignals;
  #inbox: OtlpInbox;
  #http: HttpReceiver | null = null;
  #grpc: GrpcReceiver | null = null;

  private constructor(settleSeconds: number, signals: SharedSignals) {
    this.settleSeconds = settleSeconds;
    this.#signals = { ...signals, logs: signals.logs ?? false };
    this.#inbox = new OtlpInbox(this.#signals);
  }

  /**
   * @returns null where there are none to be opened
   * @throws UserError `receiver-port-taken`
   */
  static async open(
    receivers: Receivers | undefined,
    signals: SharedSignals = {},
  ): Promise<SharedReceivers | null> {
    if (receivers === undefined) return null;
    const opened = new SharedReceivers(receivers.settleSeconds, signals);
    try {
      await opened.#listen(receivers);
      return opened;
    } catch (error) {
      await opened[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Forgets what came before: a round begins. */
  begin(): void {
    this.#inbox = new OtlpInbox({ ...this.#signals, since: Date.now() / 1000 });
  }

  /** Decodes what came since the round began, and picks out what belongs to one instance. */
  filesOf(instance: InstanceRows): readonly RecordedFile[] {
    const files = rowsOfInstance(this.#inbox.spans().files(), instance);
    const { refusedSpans, refused } = this.#inbox.quality;
    // A span that nobody can place may be anybody's.
    return files.map((file, index) => (index === 0 ? { ...file, dropped: refusedSpans + refused } : file));
  }

  /** Why requests with spans were refused, or could not be read; to be asked when they are decoded. */
  refusals(): readonly string[] {
    return this.#inbox.quality.reasons;
  }

  /**
   * Log records that came since the round began. All that name a trace, since that says whose they are; those that name
   * none are dealt out, so that each is counted once, and as many by one build as by the other.
   *
   * @param instances how many there are in the round
   */
  visitLogs(
    visit: LogVisitor,
    { instance, instances }: { readonly instance: number; readonly instances: number },
  ): SharedLogs {
    let nameless = 0;
    this.#inbox.visitLogs((record) => {
      if (record.traceId === null) {
        nameless += 1;
        if (nameless % instances !== instance) return;
      }
      visit(record);
    });
    const { refusedLogs, droppedLogs, droppedLogsBelowWarn } = this.#inbox.quality;
    return { dropped: refusedLogs + droppedLogs, droppedBelowWarn: droppedLogsBelowWarn };
  }

  /** Of all instances together: a data point does not say for whom something was counted. */
  metrics(): SharedMetrics {
    const points = this.#inbox.metrics().points();
    const { droppedPoints, refusedMetrics } = this.#inbox.quality;
    return { points, dropped: droppedPoints + refusedMetrics };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#http?.[Symbol.asyncDispose](), this.#grpc?.[Symbol.asyncDispose]()]);
  }

  async #listen({ host, httpPort, grpcPort }: Receivers): Promise<void> {
    const inbox: Pick<OtlpInbox, 'accept' | 'refuse'> = {
      accept: (body: OtlpBody) => this.#inbox.accept(body),
      refuse: (signal, reason) => this.#inbox.refuse(signal, reason),
    };
    if (httpPort !== null) {
      this.#http = await startHttpReceiver({ inbox, host, port: httpPort }).catch((cause: unknown) => {
        throw portTaken('http-port', `${host}:${httpPort}`, cause);
      });
    }
    if (grpcPort !== null) {
      const { startGrpcReceiver } = await import('./grpc-receiver.ts');
      this.#grpc = await startGrpcReceiver({ inbox, host, port: grpcPort }).catch((cause: unknown) => {
        throw portTaken('grpc-port', `${host}:${grpcPort}`, cause);
      });
    }
  }
}

function portTaken(key: string, address: string, cause: unknown): UserError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const isTaken = /EADDRINUSE/.test(message);
  return new UserError({
    code: isTaken ? 'receiver-port-taken' : 'receiver-not-opened',
    what: isTaken
      ? `Spans cannot be received at ${address}: another program listens there already.`
      : `Spans cannot be received at ${address}: ${message}`,
    where: `receivers.${key}`,
    hint: isTaken
      ? 'A collector, or another run of spangate? Stop it, or choose another port here and where the services send to.'
      : 'Choose an address and a port of this machine that you may listen on.',
    exitCode: EXIT.couldNotMeasure,
    cause,
  });
}
