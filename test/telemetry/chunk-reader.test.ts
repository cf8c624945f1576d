import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readChunks } from '../../src/telemetry/chunk-reader.ts';
import { API_KIND, type EndedSpan } from '../../src/telemetry/preload/ended-span.ts';
import { Recorder } from '../../src/telemetry/preload/recorder.ts';
import { readRecording } from '../../src/telemetry/recording.ts';
import { CHUNK_HEADER_BYTES, HEADER, ROW_BYTES } from '../../src/telemetry/recording-format.ts';
import { parentIdOf, spanFields, spanIdOf, traceIdOf } from '../../src/telemetry/span-table.ts';

const TRACE_ID = '0123456789ABCDEF0123456789abcdef';
const TIME_ORIGIN = 1_700_000_000_000.25;

function ended(serial: number, parts: Partial<EndedSpan> = {}): EndedSpan {
  return {
    name: `span ${serial % 3}`,
    kind: API_KIND.internal,
    status: { code: 0 },
    attributes: {},
    events: [],
    startTime: [1_700_000_000, 0],
    duration: [1, 500_000_000],
    spanContext: () => ({ traceId: TRACE_ID, spanId: serial.toString(16).padStart(16, '0') }),
    ...parts,
  };
}

let folder: string;
/** Two chunks of 20 rows and the closing one of 5. */
let whole: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spangate-chunks-'));
  const path = join(folder, 'spans-whole.bin');
  const recorder = new Recorder(path, { service: 'shop', pid: 7, threadId: 0, timeOrigin: TIME_ORIGIN });
  for (let chunk = 0; chunk < 2; chunk += 1) {
    for (let count = 0; count < 20; count += 1) recorder.onEnd(ended(chunk * 20 + count));
    recorder.flush();
    await vi.waitFor(async () => expect(readChunks(await readFile(path)).rowCount).toBe((chunk + 1) * 20));
  }
  for (let count = 40; count < 45; count += 1) recorder.onEnd(ended(count));
  recorder.close();
  whole = await readFile(path);
  await rm(path);
});

afterAll(() => rm(folder, { recursive: true }));

test('a span that is none of OpenTelemetry’s is counted as dropped, and breaks nothing', async () => {
  const directory = await mkdtemp(join(folder, 'foreign-'));
  const recorder = new Recorder(join(directory, 'spans-a.bin'), {
    ...{ service: 'shop', pid: 7, threadId: 0, timeOrigin: TIME_ORIGIN },
  });
  const { status: _, attributes: __, ...foreign } = ended(1);
  recorder.onEnd(foreign as ReturnType<typeof ended>);
  recorder.onEnd(ended(2));
  recorder.close();
  const recording = await readRecording(directory);
  expect([recording.spans.count, recording.quality.droppedSpans]).toEqual([1, 1]);
});

test('every field of a span comes back as it was', async () => {
  const directory = await mkdtemp(join(folder, 'fields-'));
  const recorder = new Recorder(join(directory, 'spans-a.bin'), {
    ...{ service: 'shop', pid: 7, threadId: 3, timeOrigin: TIME_ORIGIN },
  });
  recorder.onEnd(
    ended(0xabc, {
      name: 'GET /orders/:id',
      kind: API_KIND.server,
      status: { code: 2 },
      attributes: { 'http.response.status_code': 503, 'error.type': 'Overload' },
      parentSpanContext: { spanId: 'fedcba9876543210', isRemote: true },
      _performanceStartTime: 1234.5678,
      _startTimeProvided: false,
    }),
  );
  recorder.onEnd(
    ended(2, {
      parentSpanId: '00000000000000aa',
      startTime: [1_700_000_002, 250_000],
      kind: API_KIND.consumer,
    }),
  );
  recorder.close();
  const { spans, processes } = await readRecording(directory);
  expect(spanFields(spans, 0)).toEqual({
    service: 'shop',
    name: 'GET /orders/:id',
    kind: 'server',
    status: 'error',
    errorType: 'Overload',
    httpStatus: 503,
    startSeconds: expect.closeTo(0.00025 + 1.2345678, 9),
    durationSeconds: 1.5,
    derivedName: false,
    remoteParent: true,
  });
  expect(spans.epochSeconds).toBe(1_700_000_000);
  expect(traceIdOf(spans, 0)).toBe(TRACE_ID.toLowerCase());
  expect(spanIdOf(spans, 0)).toBe('0000000000000abc');
  expect(parentIdOf(spans, 0)).toBe('fedcba9876543210');
  expect(spanFields(spans, 1)).toMatchObject({
    kind: 'consumer',
    status: 'unset',
    errorType: null,
    httpStatus: null,
  });
  expect(spanFields(spans, 1).startSeconds).toBeCloseTo(2.00025, 6);
  expect(parentIdOf(spans, 1)).toBe('00000000000000aa');
  expect(processes).toEqual([
    { service: 'shop', pid: 7, threadId: 3, details: null, closed: true, spans: 2 },
  ]);
});

describe('a file', () => {
  test('that is whole has nothing torn', () => {
    expect(readChunks(whole)).toMatchObject({ rowCount: 45, dropped: 0, tornBytes: 0, closed: true });
  });

  test('without its last chunk was killed', () => {
    expect(
      readChunks(whole.subarray(0, whole.length - CHUNK_HEADER_BYTES - 8 - 5 * ROW_BYTES)),
    ).toMatchObject({
      rowCount: 40,
      tornBytes: 0,
      closed: false,
    });
  });

  test('that ends inside a chunk loses that chunk, and says how many spans that are', () => {
    const torn = readChunks(whole.subarray(0, whole.length - 1));
    expect(torn).toMatchObject({ rowCount: 40, dropped: 5, closed: false });
    expect(torn.tornBytes).toBe(CHUNK_HEADER_BYTES + 8 + 5 * ROW_BYTES - 1);
  });

  test('that ends inside the last chunk of a full disk says what was lost before it, too', () => {
    const chunk = CHUNK_HEADER_BYTES + 8 + 5 * ROW_BYTES;
    const full = Buffer.from(whole.subarray(0, whole.length - chunk + CHUNK_HEADER_BYTES));
    full.writeUInt32LE(1733, whole.length - chunk + HEADER.dropped * 4);
    expect(readChunks(full)).toMatchObject({ rowCount: 40, dropped: 1738, closed: false });
  });

  test('with a damaged text loses that chunk alone', () => {
    const damaged = Buffer.from(whole);
    damaged[CHUNK_HEADER_BYTES + 4] = 0;
    const read = readChunks(damaged);
    expect(read).toMatchObject({ rowCount: 25, dropped: 20, closed: true });
    expect(read.tornBytes).toBeGreaterThan(20 * ROW_BYTES);
  });

  test('that is empty or of another kind has no rows', () => {
    expect(readChunks(Buffer.alloc(0))).toMatchObject({ rowCount: 0, tornBytes: 0, closed: false });
    expect(readChunks(Buffer.from('#!/bin/sh\necho hello, this is not ours\n'))).toMatchObject({
      rowCount: 0,
      tornBytes: 39,
    });
  });
});

test('the exception of a span with an error comes back over chunks, and texts of too many kinds do not', async () => {
  const directory = await mkdtemp(join(folder, 'exceptions-'));
  const path = join(directory, 'spans-a.bin');
  const recorder = new Recorder(path, { service: 'shop', pid: 7, threadId: 0, timeOrigin: TIME_ORIGIN });
  const thrown = (message: string, failed = true): Partial<EndedSpan> => ({
    status: { code: failed ? 2 : 0 },
    events: [
      { name: 'retry' },
      { name: 'exception', attributes: { 'exception.type': 'Gone', 'exception.message': message } },
    ],
  });
  recorder.onEnd(ended(0, thrown('no order 7\n(of 5)')));
  recorder.onEnd(ended(1, thrown('was handled', false)));
  recorder.flush();
  await vi.waitFor(async () => expect(readChunks(await readFile(path)).rowCount).toBe(2));
  recorder.onEnd(ended(2, thrown('no order 7\n(of 5)')));
  for (let serial = 3; serial < 1_003; serial += 1)
    recorder.onEnd(ended(serial, thrown(`no order ${serial}`)));
  recorder.onEnd(ended(1_003, thrown('x'.repeat(5_000))));
  recorder.close();
  const { spans } = await readRecording(directory);
  expect(spans.exceptions?.get(0)).toEqual({ type: 'Gone', message: 'no order 7\n(of 5)' });
  expect(spans.exceptions?.has(1)).toBe(false);
  expect(spans.exceptions?.get(2)).toEqual(spans.exceptions?.get(0));
  expect(spans.exceptions?.size).toBe(501);
});

test('any cut and any damage is read without an error, and no span is made up', async () => {
  const directory = await mkdtemp(join(folder, 'fuzz-'));
  const mutation = fc.record({
    cut: fc.nat(whole.length),
    damage: fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ cut, damage }) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of damage) bytes[at] = value;
      await writeFile(join(directory, 'spans-x.bin'), bytes.subarray(0, cut));
      await writeFile(join(directory, 'process-x.json'), bytes.subarray(0, cut));
      await writeFile(join(directory, 'metrics-x.jsonl'), bytes.subarray(0, cut));
      const { spans, quality } = await readRecording(directory);
      expect(spans.count).toBeLessThanOrEqual(45);
      expect(quality.tornBytes).toBeLessThanOrEqual(cut);
      for (let row = 0; row < spans.count; row += 1) {
        expect(spans.durationSeconds[row]).toBeGreaterThanOrEqual(0);
        expect(typeof spanFields(spans, row).name).toBe('string');
      }
    }),
    { seed: 20_26, numRuns: 1_000 },
  );
});
