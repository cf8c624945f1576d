/**
 * What a recorded span costs: the SDK with no processor, ours, InMemorySpanExporter and BatchSpanProcessor with an
 * exporter that throws everything away, side by side in one process. CPU time is that of the whole process, so that
 * writing to disk and garbage collection count.
 *
 *   npm run build && node bench/recorder.mjs [rounds]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { LocalIdGenerator } from '../build/telemetry/preload/id-generator.js';
import { Recorder } from '../build/telemetry/preload/recorder.js';

const ROUNDS = Number(process.argv[2] ?? 30);
const TRACES = 2_500;
const SPANS = TRACES * 4;
const AIM_NANOSECONDS = 300;
const AIM_BYTES = 64;

const directory = mkdtempSync(join(tmpdir(), 'spangate-bench-'));
const path = join(directory, 'spans-bench.bin');
const idGenerator = new LocalIdGenerator();
const identity = { service: 'bench', pid: 1, threadId: 0, timeOrigin: performance.timeOrigin };
const recorder = new Recorder(path, identity, idGenerator.high);
const plainRecorder = new Recorder(join(directory, 'spans-plain.bin'), identity);
setInterval(() => recorder.flush(), 250).unref();
const memory = new InMemorySpanExporter();
const nowhere = { export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} };

const contestants = [
  { name: 'SDK, no processor', processors: [] },
  // The preload has its own id generator, since the recorder knows half of those ids beforehand.
  { name: "spangate recorder, SDK's ids", processors: [plainRecorder], after: () => plainRecorder.flush() },
  { name: 'spangate recorder', processors: [recorder], idGenerator, after: () => recorder.flush() },
  // Emptied after each round, or its heap would slow down all others.
  {
    name: 'InMemorySpanExporter',
    processors: [new SimpleSpanProcessor(memory)],
    after: () => memory.reset(),
  },
  {
    name: 'BatchSpanProcessor, null exporter',
    processors: [new BatchSpanProcessor(nowhere, { maxQueueSize: SPANS, maxExportBatchSize: 512 })],
  },
].map((contestant) => ({
  ...contestant,
  nanoseconds: [],
  tracer: new BasicTracerProvider({
    sampler: new AlwaysOnSampler(),
    spanProcessors: contestant.processors,
    ...(contestant.idGenerator && { idGenerator: contestant.idGenerator }),
  }).getTracer('bench'),
}));

const SERVER = {
  'http.request.method': 'GET',
  'url.path': '/orders/17',
  'url.scheme': 'http',
  'server.port': 80,
};
const QUERY = {
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'db.query.text': 'SELECT id, sku, amount FROM order_lines WHERE order_id = $1 ORDER BY id',
};

/** One request: a server span with a span of its own and two queries. */
function oneTrace(tracer) {
  const server = tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes: SERVER }, ROOT_CONTEXT);
  const context = trace.setSpan(ROOT_CONTEXT, server);
  const own = tracer.startSpan('load order', {}, context);
  const inside = trace.setSpan(context, own);
  for (let query = 0; query < 2; query += 1) {
    tracer.startSpan('pg.query:SELECT shop', { kind: SpanKind.CLIENT, attributes: QUERY }, inside).end();
  }
  own.end();
  server.setAttribute('http.response.status_code', 200);
  server.updateName('GET /orders/:id');
  server.end();
}

async function oneRound(contestant) {
  const before = process.cpuUsage();
  for (let count = 0; count < TRACES; count += 1) oneTrace(contestant.tracer);
  contestant.after?.();
  // Whatever was put off until the loop is idle belongs to the round.
  await pause(20);
  const used = process.cpuUsage(before);
  contestant.nanoseconds.push(((used.user + used.system) * 1e3) / SPANS);
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

for (let round = -3; round < ROUNDS; round += 1) {
  const order = contestants.map((_, index) => (index + Math.max(0, round)) % contestants.length);
  for (const index of order) await oneRound(contestants[index]);
  if (round < 0) for (const contestant of contestants) contestant.nanoseconds.length = 0;
}

const recordedBefore = statSync(path).size;
recorder.close();
const spans = (ROUNDS + 3) * SPANS;
const bytes = statSync(path).size / spans;
rmSync(directory, { recursive: true });

console.log(`${ROUNDS} rounds of ${SPANS} spans each, CPU time a span, median (Node ${process.version})`);
const base = contestants[0];
for (const contestant of contestants) {
  const cost = median(contestant.nanoseconds);
  const extra = median(contestant.nanoseconds.map((value, round) => value - base.nanoseconds[round]));
  console.log(
    `${contestant.name.padEnd(36)} ${(cost / 1e3).toFixed(2).padStart(6)} µs  ` +
      `${`+${(extra / 1e3).toFixed(2)}`.padStart(6)} µs  ${(cost / median(base.nanoseconds)).toFixed(2).padStart(5)} times`,
  );
}
const ours = median(
  contestants
    .find(({ idGenerator: ids }) => ids)
    .nanoseconds.map((value, round) => value - base.nanoseconds[round]),
);
console.log(
  `ours: ${bytes.toFixed(1)} bytes a span on disk (${recordedBefore > 0 ? 'written while running' : 'at exit'})`,
);
console.log(
  `aim: at most ${AIM_NANOSECONDS / 1e3} µs (${ours <= AIM_NANOSECONDS ? 'met' : 'missed'}), ` +
    `at most ${AIM_BYTES} bytes (${bytes <= AIM_BYTES ? 'met' : 'missed'})`,
);
process.exit(0);
