/**
 * Receivers at addresses that the user has fixed, for services that spangate does not start. They listen as long as a
 * run lasts, and what comes in a round is told apart by trace: a trace id says which instance its request went to.
 */
import type { Receivers } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import type { RecordedFile } from '../chunk-reader.ts';
import { type InstanceRows, rowsOfInstance } from '../rows-of-instance.ts';
import type { GrpcReceiver } from './grpc-receiver.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { type OtlpBody, OtlpInbox } from './inbox.ts';

/** Only spans: what a metric or a log record of a shared service belongs to cannot be told. */
const ONLY_SPANS = { logs: false } as const;

export class SharedReceivers implements AsyncDisposable {
  readonly settleSeconds: number;
  #inbox = new OtlpInbox(ONLY_SPANS);
  #http: HttpReceiver | null = null;
  #grpc: GrpcReceiver | null = null;

  private constructor(settleSeconds: number) {
    this.settleSeconds = settleSeconds;
  }

  /**
   * @returns null where there are none to be opened
   * @throws UserError `receiver-port-taken`
   */
  static async open(receivers: Receivers | undefined): Promise<SharedReceivers | null> {
    if (receivers === undefined) return null;
    const opened = new SharedReceivers(receivers.settleSeconds);
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
    this.#inbox = new OtlpInbox(ONLY_SPANS);
  }

  /** Decodes what came since the round began, and picks out what belongs to one instance. */
  filesOf(instance: InstanceRows): readonly RecordedFile[] {
    const files = rowsOfInstance(this.#inbox.spans().files(), instance);
    const { refusedSpans, malformed } = this.#inbox.quality;
    // A span that nobody can place may be anybody's.
    return files.map((file, index) => (index === 0 ? { ...file, dropped: refusedSpans + malformed } : file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#http?.[Symbol.asyncDispose](), this.#grpc?.[Symbol.asyncDispose]()]);
  }

  async #listen({ host, httpPort, grpcPort }: Receivers): Promise<void> {
    const inbox = { accept: (body: OtlpBody) => this.#inbox.accept(body) };
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
