/** Where the services of one instance send their spans: receivers, and one inbox behind them. */
import type { RecordedFile } from '../chunk-reader.ts';
import type { LogVisitor } from '../logs/log-record.ts';
import type { MetricSeries } from '../metrics/metric-series.ts';
import type { GrpcReceiver } from './grpc-receiver.ts';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.ts';
import { type InboxOptions, type InboxQuality, OtlpInbox } from './inbox.ts';
import type { OtlpEndpoint } from './otlp-environment.ts';

export interface OtlpSourceOptions extends Pick<InboxOptions, 'logs' | 'metrics' | 'splitBy'> {
  /** Whether a service speaks OTLP/gRPC. */
  readonly grpc: boolean;
}

export class OtlpSource implements AsyncDisposable {
  readonly #inbox: OtlpInbox;
  readonly #http: HttpReceiver;
  /** Null where no service speaks it: it is seldom needed, and slow to load. */
  readonly #grpc: GrpcReceiver | null;

  private constructor(inbox: OtlpInbox, http: HttpReceiver, grpc: GrpcReceiver | null) {
    this.#inbox = inbox;
    this.#http = http;
    this.#grpc = grpc;
  }

  /** @throws Error when no port can be had */
  static async start({ grpc, ...kept }: OtlpSourceOptions): Promise<OtlpSource> {
    const inbox = new OtlpInbox(kept);
    const http = await startHttpReceiver({ inbox });
    try {
      if (!grpc) return new OtlpSource(inbox, http, null);
      const { startGrpcReceiver } = await import('./grpc-receiver.ts');
      return new OtlpSource(inbox, http, await startGrpcReceiver({ inbox }));
    } catch (error) {
      await http[Symbol.asyncDispose]();
      throw error;
    }
  }

  get endpoint(): OtlpEndpoint {
    return { httpUrl: this.#http.url, grpcUrl: this.#grpc?.url ?? this.#http.url };
  }

  get quality(): InboxQuality {
    return this.#inbox.quality;
  }

  /** Decodes what came; to be called when the services have ended. */
  files(): readonly RecordedFile[] {
    const rows = this.#inbox.spans();
    const { refusedSpans, refused } = this.quality;
    // A span that nobody can place is a span that was lost; so is at least one in a request that nobody can read.
    const dropped = refusedSpans + refused;
    if (dropped > 0) rows.recorderOf({ service: '', pid: 0 });
    return rows.files().map((file, index) => (index === 0 ? { ...file, dropped } : file));
  }

  /** Log records that came; to be called when the services have ended, as often as needed. */
  visitLogs(visit: LogVisitor): void {
    this.#inbox.visitLogs(visit);
  }

  /** Metrics that came; to be called when the services have ended. */
  metrics(): MetricSeries {
    return this.#inbox.metrics();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#http[Symbol.asyncDispose](), this.#grpc?.[Symbol.asyncDispose]()]);
  }
}
