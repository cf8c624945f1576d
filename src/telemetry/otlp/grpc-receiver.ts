/** OTLP/gRPC on loopback: Export of the trace, metrics and logs services, with bodies left as bytes. */
import grpc from '@grpc/grpc-js';
import type { OtlpInbox, OtlpSignal } from './inbox.ts';
import { MOST_REQUEST_BYTES, tooLargeText } from './request-limit.ts';

export interface GrpcReceiver extends AsyncDisposable {
  readonly port: number;
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` takes. */
  readonly url: string;
}

export interface GrpcReceiverOptions {
  readonly inbox: Pick<OtlpInbox, 'accept' | 'refuse'>;
  /** What is listened on; a free port of loopback where they are left out. */
  readonly host?: string;
  readonly port?: number;
  /** Of a message, unpacked; as for OTLP/HTTP. */
  readonly mostBytes?: number;
}

const SERVICES: Readonly<Record<OtlpSignal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
};

/** An Export…ServiceResponse whose partial_success is not set. */
const SUCCESS = Buffer.alloc(0);

/** @throws Error when no port can be had */
export async function startGrpcReceiver({
  inbox,
  host = '127.0.0.1',
  port: wanted = 0,
  mostBytes = MOST_REQUEST_BYTES,
}: GrpcReceiverOptions): Promise<GrpcReceiver> {
  const server = new grpc.Server({
    // The limit is ours: what the library refuses reaches no handler, and would be counted nowhere.
    'grpc.max_receive_message_length': -1,
    // Bodies of the size of a batch go through in one piece.
    'grpc-node.flow_control_window': 4 * 1024 * 1024,
  });
  for (const [signal, service] of Object.entries(SERVICES)) {
    const handler = exportTo({ inbox, mostBytes }, signal as OtlpSignal);
    server.addService({ Export: definitionOf(service) }, { Export: handler });
  }
  const port = await new Promise<number>((resolve, reject) => {
    const address = host.includes(':') ? `[${host}]` : host;
    server.bindAsync(`${address}:${wanted}`, grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function definitionOf(service: string): grpc.MethodDefinition<Buffer, Buffer> {
  const asIs = (bytes: Buffer) => bytes;
  return {
    path: `/${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  };
}

function exportTo(
  { inbox, mostBytes }: Required<Pick<GrpcReceiverOptions, 'inbox' | 'mostBytes'>>,
  signal: OtlpSignal,
): grpc.handleUnaryCall<Buffer, Buffer> {
  return ({ request }, callback) => {
    if (request.byteLength > mostBytes) {
      const details = tooLargeText(mostBytes);
      inbox.refuse(signal, details);
      callback({ code: grpc.status.RESOURCE_EXHAUSTED, details });
      return;
    }
    const problem = inbox.accept({ signal, encoding: 'protobuf', bytes: request });
    if (problem === null) callback(null, SUCCESS);
    // Not retryable: the same bytes would be as broken again.
    else callback({ code: grpc.status.INVALID_ARGUMENT, details: problem });
  };
}
