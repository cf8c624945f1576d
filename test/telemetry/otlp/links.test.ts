import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Link } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { readChunks } from '../../../src/telemetry/chunk-reader.ts';
import { OtlpInbox } from '../../../src/telemetry/otlp/inbox.ts';
import { Recorder } from '../../../src/telemetry/preload/recorder.ts';
import { rowsOfInstance } from '../../../src/telemetry/rows-of-instance.ts';
import { mintSpanId, mintTraceId } from '../../../src/telemetry/trace-id.ts';
import { fieldsOf, jsonOf, protobufOf, SpanKind, sdkSpans, tableOf } from './sdk-spans.ts';

const RUN_TAG = 0x11;

function minted(instance: number): string {
  return mintTraceId(RUN_TAG, { phase: 'measured', instance, request: 0, content: 0 }, instance);
}

function linkTo(traceId: string): Link {
  return { context: { traceId, spanId: mintSpanId(traceId), traceFlags: 1 } };
}

function received(encoding: 'protobuf' | 'json'): OtlpInbox {
  const { tracer, ended } = sdkSpans('worker');
  const kind = SpanKind.CONSUMER;
  tracer.startSpan('process two', { kind, links: [linkTo(minted(0)), linkTo(minted(1))] }).end();
  tracer.startSpan('process one', { kind, links: [linkTo(minted(1))] }).end();
  tracer.startSpan('process none', { kind }).end();
  tracer.startSpan('render', { links: [linkTo(minted(1))] }).end();
  const bytes = encoding === 'json' ? Buffer.from(jsonOf(ended())) : protobufOf(ended());
  const inbox = new OtlpInbox();
  expect(inbox.accept({ signal: 'traces', encoding, bytes })).toBeNull();
  return inbox;
}

test.each(['protobuf', 'json'] as const)('links of CONSUMER spans come by OTLP in %s', (encoding) => {
  const table = tableOf(received(encoding).spans().files());
  expect(fieldsOf(table).map(({ name }) => name)).toHaveLength(4);
  expect([...(table.links ?? [])]).toEqual([
    [0, [minted(0), minted(1)]],
    [1, [minted(1)]],
  ]);
});

test('a consumer belongs to the instance whose request it links to', () => {
  const files = received('protobuf').spans().files();
  const namesOf = (instance: number) =>
    fieldsOf(tableOf(rowsOfInstance(files, { runTag: RUN_TAG, instance, isAlone: false }))).map(
      ({ name }) => name,
    );
  expect(namesOf(0)).toEqual(['process two']);
  expect(namesOf(1)).toEqual(['process two', 'process one']);
  expect(namesOf(2)).toEqual([]);
});

test('links of CONSUMER spans are recorded in a service, once in the file of their spans', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spangate-links-'));
  try {
    const file = join(folder, 'spans.bin');
    const recorder = new Recorder(file, { service: 'worker', pid: 1, threadId: 0, timeOrigin: 0 });
    const { tracer, ended } = sdkSpans('worker');
    const kind = SpanKind.CONSUMER;
    tracer.startSpan('process one', { kind, links: [linkTo(minted(1))] }).end();
    tracer.startSpan('process none', { kind }).end();
    for (const span of ended()) recorder.onEnd(span);
    recorder.close();
    const table = tableOf([readChunks(readFileSync(file))]);
    expect(table.count).toBe(2);
    expect([...(table.links ?? [])]).toEqual([[0, [minted(1)]]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
