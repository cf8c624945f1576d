/** Where the services of one instance send their spans: both receivers, and one inbox behind them. */
import type { RecordedFile } from '../chunk-reader.ts';
import { type GrpcReceiver, startGrpcReceiver } from './grpc-receiver.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { type InboxQuality, OtlpInbox } from './inbox.ts';
import type { OtlpEndpoint } from './otlp-environment.ts';

export class OtlpSource implements AsyncDisposable {
  readonly #inbox: OtlpInbox;
  readonly #http: HttpReceiver;
  readonly #grpc: GrpcReceiver;

  private constructor(inbox: OtlpInbox, http: HttpReceiver, grpc: GrpcReceiver) {
    this.#inbox = inbox;
    this.#http = http;
    this.#grpc = grpc;
  }

  /** @throws Error when no port can be had */
  static async start(): Promise<OtlpSource> {
    const inbox = new OtlpInbox();
    const http = await startHttpReceiver({ inbox });
    try {
      return new OtlpSource(inbox, http, await startGrpcReceiver({ inbox }));
    } catch (error) {
      await http[Symbol.asyncDispose]();
      throw error;
    }
  }

  get endpoint(): OtlpEndpoint {
    return { httpUrl: this.#http.url, grpcUrl: this.#grpc.url };
  }

  get quality(): InboxQuality {
    return this.#inbox.quality;
  }

  /** Decodes what came; to be called when the services have ended. */
  files(): readonly RecordedFile[] {
    const files = this.#inbox.spans().files();
    const { refusedSpans } = this.quality;
    // A span that nobody can place is a span that was lost.
    return files.map((file, index) => (index === 0 ? { ...file, dropped: refusedSpans } : file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#http[Symbol.asyncDispose](), this.#grpc[Symbol.asyncDispose]()]);
  }
}
