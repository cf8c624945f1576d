/** Python's own SDK as a sender over gRPC, under load. Its exporter is in `requirements.txt` beside this. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, test } from 'vitest';
import { parse } from 'yaml';
import { GatedExample } from '../examples/gated-example.ts';
import { expectTraces } from './expect-traces.ts';

interface ExampleFile {
  readonly services: { readonly orders: object };
}

let example: GatedExample;
beforeAll(() => {
  const path = new URL('../../examples/python-orders/spangate.yml', import.meta.url);
  const { services } = parse(readFileSync(path, 'utf8')) as ExampleFile;
  const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  example = new GatedExample('python-orders', {
    services: { orders: { ...services.orders, env } },
    rounds: { count: 1, instances: 1, duration: '2s', 'warm-up': '1s' },
  });
});
afterAll(() => example[Symbol.dispose]());

// Under uvicorn, which forks nothing: a channel that was opened before a fork is another matter, and not tried.
test('every request that was answered has its trace, and its spans are those that come over HTTP', () => {
  expectTraces(example, 'fastapi', 'GET /orders/{number}');
});
