// A service with an SDK of its own, which nobody but the test starts. Says its port on standard output.
import { createServer } from 'node:http';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

const exporter = {
  export(spans, done) {
    const body = JsonTraceSerializer.serializeRequest(spans);
    const headers = { 'content-type': 'application/json' };
    fetch(process.env.OTLP_URL, { method: 'POST', headers, body }).then(
      () => done({ code: 0 }),
      (error) => done({ code: 1, error }),
    );
  },
  async shutdown() {},
};
const processor = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 50, maxQueueSize: 100_000 });
const resource = resourceFromAttributes({ 'service.name': 'inventory' });
const tracer = new BasicTracerProvider({ resource, spanProcessors: [processor] }).getTracer('inventory');
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

let reads = 0;
let since = Date.now();
const nanoseconds = (milliseconds) => `${milliseconds}000000`;
const sender = { attributes: [{ key: 'service.name', value: { stringValue: 'inventory' } }] };
const post = (signal, body) =>
  fetch(process.env.OTLP_URL.replace('traces', signal), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {});

// What it read since the last time, ten times a second.
setInterval(() => {
  const now = Date.now();
  const point = {
    asInt: String(reads),
    startTimeUnixNano: nanoseconds(since),
    timeUnixNano: nanoseconds(now),
  };
  const sum = { dataPoints: [point], aggregationTemporality: 1, isMonotonic: true };
  post('metrics', {
    resourceMetrics: [{ resource: sender, scopeMetrics: [{ metrics: [{ name: 'stock.reads', sum }] }] }],
  });
  reads = 0;
  since = now;
}, 100);

function logError(traceId) {
  const record = { traceId, severityNumber: 17, body: { stringValue: 'stock is low' } };
  post('logs', { resourceLogs: [{ resource: sender, scopeLogs: [{ logRecords: [record] }] }] });
}

const server = createServer((request, response) => {
  const from = propagation.extract(context.active(), request.headers);
  const span = tracer.startSpan('GET /stock', { kind: SpanKind.SERVER }, from);
  tracer.startSpan('count', {}, trace.setSpan(from, span)).end();
  reads += 1;
  logError(span.spanContext().traceId);
  span.end();
  response.end('3');
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
