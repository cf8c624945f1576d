import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRecording } from '../../src/telemetry/recording.ts';
import { assembleTraces } from '../../src/telemetry/trace-assembly.ts';
import { traceTree } from '../../src/telemetry/trace-tree.ts';
import { FIXTURES, outline, RUN_TAG, spanNames, startFixture } from './recorded-service.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('sees an Express service with the spans that it makes itself, in one tree', async () => {
  await using service = await startFixture('express.cjs');
  const first = await service.request('/orders/17');
  const second = await service.request('/orders/18');
  const recording = await service.stop();
  expect(outline(traceTree(recording, first.traceId))).toEqual([
    'server GET /orders/:id',
    '  internal load order',
    '    internal price order',
  ]);
  expect(outline(traceTree(recording, second.traceId))).toHaveLength(3);
  expect(recording.quality).toEqual({
    droppedSpans: 0,
    tornBytes: 0,
    overflowSpans: 0,
    foldedNames: [],
    derivedNames: [],
  });
  expect(recording.processes).toMatchObject([{ service: 'fixture', threadId: 0, closed: true }]);
  const traces = assembleTraces(recording, { runTag: RUN_TAG, requests: 1, phase: 'measured' });
  expect(traces).toMatchObject({ spans: 6, rootSpans: 2, orphanSpans: 0 });
  expect([...(traces.requests[0]?.spans.keys() ?? [])].sort()).toEqual([
    'internal:fixture:load order',
    'internal:fixture:price order',
    'server:fixture:GET /orders/:id',
  ]);
});

test('children start after their parent and end before it, to the microsecond', async () => {
  await using service = await startFixture('express.cjs');
  for (let count = 0; count < 50; count += 1) await service.request(`/orders/${count}`);
  const { spans } = await service.stop();
  const end = (row: number): number => (spans.startSeconds[row] ?? 0) + (spans.durationSeconds[row] ?? 0);
  const rows = Array.from({ length: spans.count }, (_, row) => row);
  const rowOf = new Map(rows.map((row) => [spans.spanIds.subarray(row * 2, row * 2 + 2).join(), row]));
  const pairs = rows.flatMap((child) => {
    const parent = rowOf.get(spans.parentIds.subarray(child * 2, child * 2 + 2).join());
    return parent === undefined ? [] : [{ child, parent }];
  });
  expect(pairs).toHaveLength(100);
  for (const { child, parent } of pairs) {
    expect(spans.startSeconds[child]).toBeGreaterThanOrEqual(spans.startSeconds[parent] ?? 0);
    expect(end(child)).toBeLessThanOrEqual(end(parent) + 1e-6);
  }
});

test('a service that exits in a handler loses nothing that had ended', async () => {
  await using service = await startFixture('busy.cjs');
  await service.request('/?spans=3000');
  const recording = await service.stop();
  expect(spanNames(recording).filter((name) => name === 'work')).toHaveLength(3000);
  expect(recording.processes[0]?.closed).toBe(true);
});

test('a killed service loses at most what it had not written, and the recording says that it was killed', async () => {
  await using service = await startFixture('busy.cjs');
  await service.request('/?spans=2000');
  await service.waitFor(
    (recording) => spanNames(recording).filter((name) => name === 'work').length === 2000,
  );
  await service.request('/dies').catch(() => undefined);
  await service.exited();
  const recording = await readRecording(service.directory);
  expect(spanNames(recording).filter((name) => name === 'work')).toHaveLength(2000);
  expect(recording.processes[0]).toMatchObject({ closed: false });
});

test('spans over the limit of the memory are dropped and counted', async () => {
  await using service = await startFixture('busy.cjs');
  // One burst without a turn of the event loop in which anything could be written.
  await service.request('/?spans=100000');
  const recording = await service.stop();
  const recorded = spanNames(recording).filter((name) => name === 'work').length;
  expect(recorded).toBeLessThan(100_000);
  expect(recorded + recording.quality.droppedSpans).toBeGreaterThanOrEqual(100_000);
  expect(recording.quality.droppedSpans).toBeLessThan(100_000);
});

test('ids in names are folded, and too many names share one, counted', async () => {
  await using service = await startFixture('busy.cjs');
  await service.request(`/?spans=30&named=${encodeURIComponent('order #')}`);
  await service.request(`/?spans=5&named=${encodeURIComponent('shard #')}`);
  await service.request(`/?spans=3&named=${encodeURIComponent('user 3f2504e0-4f89-41d3-9a0c-0305e82c330#')}`);
  const { quality, spans } = await service.stop();
  const names = new Set(spanNames({ spans }));
  expect(quality.foldedNames).toEqual(['order :id']);
  expect([...names].filter((name) => /^(order|shard|user)/.test(name)).sort()).toEqual(
    ['order :id', 'shard 0', 'shard 1', 'shard 2', 'shard 3', 'shard 4', 'user :id'].sort(),
  );
  expect(quality.overflowSpans).toBe(0);
});

test('names without end share the overflow name from the thousandth on', async () => {
  await using service = await startFixture('busy.cjs');
  for (let letter = 0; letter < 26; letter += 1) {
    const name = String.fromCharCode(97 + letter);
    for (const other of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV') {
      await service.request(`/?named=${name}${other}`);
    }
  }
  const recording = await service.stop();
  expect(recording.spans.names.length).toBeLessThanOrEqual(1001);
  expect(recording.quality.overflowSpans).toBeGreaterThan(200);
  expect(spanNames(recording).filter((name) => name === '(other spans)')).toHaveLength(
    recording.quality.overflowSpans,
  );
});

test('worker threads record into a file of their own', async () => {
  await using service = await startFixture('worker-thread.cjs');
  await service.request('/pictures/1');
  await service.waitFor((recording) => spanNames(recording).includes('resize picture'));
  const recording = await service.stop();
  expect(recording.processes.map(({ threadId, details }) => [threadId > 0, details?.role])).toEqual([
    [false, 'main'],
    [true, 'thread'],
  ]);
  const traces = assembleTraces(recording, { runTag: RUN_TAG, requests: 1, phase: 'measured' });
  expect([...traces.outsideRequests.keys()].filter((key) => key.includes('picture'))).toEqual([
    'internal:fixture:save picture',
    'internal:fixture:resize picture',
  ]);
});

test('each worker of a cluster records, and its trace ids still say which request it was', async () => {
  await using service = await startFixture('cluster.cjs');
  for (let count = 0; count < 20; count += 1) await service.request('/orders/1');
  // The primary ends the other worker by a signal.
  await service.waitFor(({ spans }) => spans.count >= 20);
  const recording = await service.stop();
  expect(recording.processes.map(({ details }) => details?.role).sort()).toEqual([
    'cluster-worker',
    'cluster-worker',
    'main',
  ]);
  const traces = assembleTraces(recording, { runTag: RUN_TAG, requests: 1, phase: 'measured' });
  expect(traces.rootSpans).toBe(20);
});

test('npm start records the service and leaves npm alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spangate-npm-'));
  try {
    await cp(join(FIXTURES, 'plain-http.mjs'), join(folder, 'server.mjs'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node server.mjs' } }));
    await using service = await startFixture('server.mjs', { folder, command: ['npm', 'start'] });
    const { traceId } = await service.request('/orders/17');
    const recording = await service.stop();
    expect(outline(traceTree(recording, traceId))[0]).toBe('server GET /orders/:id');
    expect(recording.processes).toHaveLength(1);
    expect(recording.processes[0]?.details?.script).toMatch(/server\.mjs$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('spaces in the path of spangate, of the service and of the recording do no harm', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spangate with spaces '));
  try {
    await cp(join(ROOT, 'build'), join(folder, 'build'), { recursive: true });
    await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await cp(join(FIXTURES, 'express.mjs'), join(folder, 'express.mjs'));
    const recordings = join(folder, 'record ings');
    await mkdir(recordings);
    const register = new URL(`file://${encodeURI(join(folder, 'build/telemetry/preload/register.js'))}`);
    await using service = await startFixture('express.mjs', {
      folder,
      environment: { NODE_OPTIONS: `--import ${register.href}`, SPANGATE_RECORDING_DIR: recordings },
    });
    const { traceId } = await service.request('/shop/orders/17');
    await service.stop();
    expect(outline(traceTree(await readRecording(recordings), traceId))).toHaveLength(3);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an instrumentation that is absent is a note, and everything else goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spangate-without-pg-'));
  try {
    await cp(join(ROOT, 'build'), join(folder, 'build'), { recursive: true });
    await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
    await mkdir(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
    for (const [inside, left] of [
      ['node_modules', '@opentelemetry'],
      ['node_modules/@opentelemetry', 'instrumentation-pg'],
    ] as const) {
      for (const name of await readdir(join(ROOT, inside))) {
        if (name !== left) await symlink(join(ROOT, inside, name), join(folder, inside, name));
      }
    }
    const register = new URL(`file://${join(folder, 'build/telemetry/preload/register.js')}`);
    await using service = await startFixture('express.cjs', {
      environment: { NODE_OPTIONS: `--import ${register.href}` },
    });
    const { traceId } = await service.request('/orders/17');
    const recording = await service.stop();
    expect(outline(traceTree(recording, traceId))).toHaveLength(3);
    expect(recording.processes[0]?.details?.notes).toEqual([
      expect.stringMatching(/^@opentelemetry\/instrumentation-pg is not used: Cannot find module/),
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a script that looks like a bundle is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spangate-bundle-'));
  try {
    const script = await readFile(join(FIXTURES, 'own-api.cjs'), 'utf8');
    await writeFile(join(folder, 'bundle.cjs'), `// node_modules/express/lib/express.js\n${script}`);
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await using service = await startFixture('bundle.cjs', { folder });
    const recording = await service.stop();
    expect(recording.processes[0]?.details).toMatchObject({
      bundled: true,
      script: join(folder, 'bundle.cjs'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a service goes on without being recorded where the recording directory is gone', async () => {
  await using service = await startFixture('express.cjs', {
    environment: { SPANGATE_RECORDING_DIR: join(tmpdir(), 'spangate-no-such-directory') },
  });
  const { response } = await service.request('/orders/17');
  expect(response.status).toBe(200);
  expect(service.output()).toContain('spangate: cannot record spans:');
});

test('a process that is not to be recorded leaves no file', async () => {
  await using service = await startFixture('express.cjs', { environment: { SPANGATE_RECORDING_DIR: '' } });
  await service.request('/orders/17');
  await service.stop();
  expect(await readdir(service.directory)).toEqual([]);
});
