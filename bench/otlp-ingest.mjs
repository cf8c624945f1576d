/**
 * Spans a second that go from a socket into the span table, by encoding: received while "measured", decoded behind it.
 * One client on loopback in a process of its own sends batches of the SDK's own serialiser, as fast as it is answered.
 * CPU is that of the receiving process alone, so that the figures are spans a second of one core.
 *
 *   npm run build && node bench/otlp-ingest.mjs [requests=400] [spans a request=512]
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import grpc from '@grpc/grpc-js';
import { SpanKind } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { request } from 'undici';

const KINDS = ['protobuf', 'protobuf, gzip', 'JSON', 'gRPC'];
const requests = Number(process.argv[2] ?? 400);
const perRequest = Number(process.argv[3] ?? 512);

if (process.send) process.on('message', send);
else await receive();

async function receive() {
  const { OtlpInbox } = await import('../build/telemetry/otlp/inbox.js');
  const { startHttpReceiver } = await import('../build/telemetry/otlp/http-receiver.js');
  const { startGrpcReceiver } = await import('../build/telemetry/otlp/grpc-receiver.js');
  const { SpanTableBuilder } = await import('../build/telemetry/span-table-builder.js');
  const client = fork(fileURLToPath(import.meta.url), process.argv.slice(2));
  console.log(`| encoding | spans | received, spans a core second | decoded into the table | together |`);
  console.log('|---|---|---|---|---|');
  try {
    // The first one warms the receiver up, and is not shown.
    for (const kind of ['protobuf', ...KINDS]) {
      const inbox = new OtlpInbox(4e9);
      const start = kind === 'gRPC' ? startGrpcReceiver : startHttpReceiver;
      const receiver = await start({ inbox });
      const began = process.cpuUsage();
      client.send({ kind, url: receiver.url, port: receiver.port });
      await new Promise((resolve) => client.once('message', resolve));
      const received = secondsSince(began);
      const again = process.cpuUsage();
      const files = inbox.spans().files();
      const builder = new SpanTableBuilder(files, { mayRepeat: false });
      for (const file of files) builder.add(file);
      const { spans } = builder.build();
      const decoded = secondsSince(again);
      if (spans.count !== requests * perRequest)
        throw new Error(`${spans.count} spans of ${requests * perRequest}`);
      if (receive.isWarm) {
        const rate = (seconds) => `${(spans.count / seconds / 1e6).toFixed(2)} million`;
        console.log(
          `| ${kind} | ${spans.count} | ${rate(received)} | ${rate(decoded)} | ${rate(received + decoded)} |`,
        );
      }
      receive.isWarm = true;
      await receiver[Symbol.asyncDispose]();
    }
  } finally {
    client.kill();
  }
}

function secondsSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function send({ kind, url, port }) {
  const body = bodyOf(kind);
  if (kind === 'gRPC') await sendGrpc(port, body);
  else {
    const headers = {
      'content-type': kind === 'JSON' ? 'application/json' : 'application/x-protobuf',
      ...(kind.endsWith('gzip') && { 'content-encoding': 'gzip' }),
    };
    for (let index = 0; index < requests; index += 1) {
      const answer = await request(`${url}/v1/traces`, { method: 'POST', headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    }
  }
  process.send('done');
}

async function sendGrpc(port, body) {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const asIs = (bytes) => bytes;
  for (let index = 0; index < requests; index += 1) {
    await new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        asIs,
        asIs,
        body,
        (error) => (error ? reject(error) : resolve()),
      ),
    );
  }
  client.close();
}

function bodyOf(kind) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'orders' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('bench');
  for (let index = 0; index < perRequest; index += 1) {
    const span = tracer.startSpan(index % 4 === 0 ? 'GET /orders/:id' : `step ${index % 4}`, {
      kind: index % 4 === 0 ? SpanKind.SERVER : SpanKind.INTERNAL,
      attributes:
        index % 4 === 0
          ? {
              'http.request.method': 'GET',
              'http.route': '/orders/:id',
              'http.response.status_code': 200,
              'url.path': `/orders/${index}`,
              'url.scheme': 'http',
              'server.address': 'localhost',
            }
          : { 'app.part': 'price', 'app.lines': index },
    });
    span.end();
  }
  const spans = exporter.getFinishedSpans();
  if (kind === 'JSON') return Buffer.from(JsonTraceSerializer.serializeRequest(spans));
  const protobuf = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans));
  return kind.endsWith('gzip') ? gzipSync(protobuf) : protobuf;
}
