/** The drivers that send in blocks, against the cases of all drivers and against what only blocks promise. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { runInterleavedLoad } from '../../../src/runner/load/interleaved-load.ts';
import type { LoadOptions, LoadResult } from '../../../src/runner/load/load-result.ts';
import { runOpenLoad } from '../../../src/runner/load/open-load.ts';
import { describeDriver, operationOf, phaseOf, type RunLoad } from './driver-cases.ts';
import { exampleLoad, exampleOptions, exampleRequest } from './example-load.ts';
import { type Listening, listen } from './listening-server.ts';

const interleaved: RunLoad = (options) =>
  runInterleavedLoad({ ...options, seed: 3, inFlight: options.load.connections });

const open: RunLoad = async (options) =>
  withoutPunctuality(await runOpenLoad({ ...options, seed: 3, rate: 300, arrivals: 'poisson' }));

/** Generator and servers share one event loop here, so that starts may well be late. */
function withoutPunctuality(result: LoadResult): LoadResult {
  const warnings = result.warnings.filter(({ code }) => code !== 'starts-late' && code !== 'rate-missed');
  return { ...result, warnings };
}

describeDriver('interleaved', interleaved, { inOrder: true });
describeDriver('open', open, { inOrder: false });

interface Seen {
  readonly position: number;
  readonly url: string;
  readonly phase: string;
}

/** Servers that note in one list what came to whom. */
async function listenTo(count: number, answer: (request: IncomingMessage, position: number) => string) {
  const seen: Seen[] = [];
  const servers: Listening<unknown>[] = [];
  for (let position = 0; position < count; position += 1) {
    const server = await listen((request, response) => {
      seen.push({ position, url: String(request.url), phase: phaseOf(request)?.phase ?? 'none' });
      response.end(answer(request, position));
    });
    servers.push(server);
  }
  return {
    seen,
    urls: servers.map(({ url }) => url),
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

const measured = (seen: readonly Seen[]) => seen.filter(({ phase }) => phase === 'measured');

function sentBy(result: LoadResult): number[] {
  return result.instances.map(({ sent }) => sent ?? Number.NaN);
}

describe.each<[string, (options: LoadOptions, seed?: number) => Promise<LoadResult>]>([
  ['interleaved', (options, seed = 3) => runInterleavedLoad({ ...options, seed, inFlight: 1 })],
  ['open', (options, seed = 3) => runOpenLoad({ ...options, seed, rate: 400, arrivals: 'uniform' })],
])('blocks of the %s load', (name, run) => {
  const requests = [
    exampleRequest({ name: 'a', path: '/a/${int(1,999999)}', weight: 3 }),
    exampleRequest({ name: 'b', path: '/b/${int(1,999999)}' }),
  ];

  it('send every instance exactly the same requests, one after the other', async () => {
    await using servers = await listenTo(3, () => 'ok');
    const result = await run(exampleOptions(exampleLoad({ requests }), servers.urls));
    const urls = [0, 1, 2].map((at) =>
      measured(servers.seen)
        .filter(({ position }) => position === at)
        .map(({ url }) => url),
    );
    expect(urls[0]?.length).toBeGreaterThan(20);
    expect(sentBy(result)).toEqual(urls.map(({ length }) => length));
    expect(new Set(sentBy(result)).size).toBe(1);
    // Requests of the open load may overtake one another on their connections.
    const order = (list: readonly string[] = []) => (name === 'open' ? list.toSorted() : list);
    expect(order(urls[1])).toEqual(order(urls[0]));
    expect(order(urls[2])).toEqual(order(urls[0]));
    for (const { operations } of result.instances) {
      expect(operations.map(({ requests: count }) => count)).toEqual(
        operations.map((_, index) => result.instances[0]?.operations[index]?.requests),
      );
    }
  });

  it('change phase and end only where every instance had its turn', async () => {
    await using servers = await listenTo(4, () => 'ok');
    await run(exampleOptions(exampleLoad({}), servers.urls));
    for (const phase of ['warm-up', 'measured']) {
      const counts = [0, 1, 2, 3].map(
        (at) => servers.seen.filter((each) => each.phase === phase && each.position === at).length,
      );
      expect(counts[0]).toBeGreaterThan(10);
      expect(new Set(counts).size).toBe(1);
    }
  });

  // That a slot has the same content whatever the seed is the workload's to prove.
  it('have another order with another seed', async () => {
    const orders: string[] = [];
    for (const seed of [1, 2]) {
      await using servers = await listenTo(4, () => 'ok');
      await run(exampleOptions(exampleLoad({ requests }), servers.urls), seed);
      const seen = measured(servers.seen);
      orders.push(
        seen
          .slice(0, 40)
          .map(({ position }) => position)
          .join(),
      );
    }
    expect(orders[0]).not.toBe(orders[1]);
  });

  it('give all of one block to the same session, and each session its turn', async () => {
    let logins = 0;
    await using servers = await listenTo(2, (request) => {
      if (request.url !== '/login') return '{}';
      logins += 1;
      return JSON.stringify({ token: `t${Math.ceil(logins / 2)}` });
    });
    const login = exampleRequest({ name: 'in', method: 'POST', path: '/login', save: { token: '$.token' } });
    const load = exampleLoad({ login, connections: 2, requests: [exampleRequest({ path: '/${token}' })] });
    const result = await run(exampleOptions(load, servers.urls));
    expect(logins).toBe(4);
    const sent = measured(servers.seen).length / 2;
    expect(sent).toBe(result.instances[0]?.sent);
    for (const position of [0, 1]) {
      const own = measured(servers.seen).filter((each) => each.position === position);
      for (const token of ['/t1', '/t2']) {
        const share = own.filter(({ url }) => url === token).length / own.length;
        expect(share).toBeGreaterThan(0.4);
        expect(share).toBeLessThan(0.6);
      }
    }
  });

  it('hold a request back until the answers of all instances have brought its value', async () => {
    await using servers = await listenTo(2, (request, position) =>
      request.url === '/make' && position === 0 ? '{"id":1}' : '{}',
    );
    const load = exampleLoad({
      requests: [exampleRequest({ path: '/make', save: { id: '$.id' } }), exampleRequest({ path: '/${id}' })],
    });
    const result = withoutPunctuality(await run(exampleOptions(load, servers.urls)));
    expect(operationOf(result, 1).requests).toBe(0);
    expect(result.warnings).toEqual([
      expect.objectContaining({
        code: 'request-never-sent',
        message: expect.stringContaining('some instances never held'),
      }),
    ]);
    expect(new Set(sentBy(result)).size).toBe(1);
  });

  it('hold the same number of writes for every instance', async () => {
    await using servers = await listenTo(3, () => 'ok');
    const load = exampleLoad({
      requests: [
        exampleRequest({ name: 'write', method: 'POST', path: '/write', writes: true }),
        exampleRequest({ name: 'read' }),
      ],
      maxWrites: 7,
    });
    const result = await run(exampleOptions(load, servers.urls));
    expect(result.instances.map(({ operations }) => operations[0]?.requests)).toEqual([7, 7, 7]);
    expect(measured(servers.seen).filter(({ url }) => url === '/write')).toHaveLength(21);
    expect(operationOf(result, 1).requests).toBeGreaterThan(7);
  });

  it('name the instance in every trace id, and no id twice', async () => {
    const ids: string[] = [];
    const wrong: unknown[] = [];
    await using servers = await listenTo(3, (request, position) => {
      ids.push(String(request.headers.traceparent));
      if (phaseOf(request)?.instance !== 5 + position) wrong.push(request.headers.traceparent);
      return 'ok';
    });
    const options = exampleOptions(exampleLoad({}), servers.urls);
    const targets = servers.urls.map((url, position) => ({ url, instance: 5 + position }));
    const result = await run({ ...options, targets });
    expect(wrong).toEqual([]);
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
    expect(result.instances.map(({ instance }) => instance)).toEqual([5, 6, 7]);
  });

  it('meet a service that closes every connection', async () => {
    await using server = await listen((_request, response) => {
      response.setHeader('connection', 'close');
      response.end('ok');
    });
    const result = withoutPunctuality(await run(exampleOptions(exampleLoad({}), [server.url])));
    expect(result.warnings).toEqual([expect.objectContaining({ code: 'connections-closed' })]);
    expect(operationOf(result).errors).toEqual({});
    expect(operationOf(result).completed).toBeGreaterThan(10);
  });

  it('meet HEAD, interim answers, chunks and answers without a body', async () => {
    await using server = await listen((request, response) => {
      if (request.url === '/hints') response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      if (request.url === '/chunks') {
        response.write('one');
        response.write('two');
      }
      if (request.url === '/none') response.statusCode = 204;
      response.end(request.url === '/none' ? undefined : 'some text');
    });
    const requests = [
      exampleRequest({ name: 'head', method: 'HEAD' }),
      ...['/hints', '/chunks', '/none', '/'].map((path) => exampleRequest({ name: path, path })),
    ];
    const result = withoutPunctuality(await run(exampleOptions(exampleLoad({ requests }), [server.url])));
    expect(result.warnings).toEqual([]);
    for (const index of requests.keys()) {
      expect(operationOf(result, index).errors).toEqual({});
      expect(operationOf(result, index).completed).toBeGreaterThan(3);
    }
  });

  it('outlive idle connections that a service closes', async () => {
    let connections = 0;
    await using impatient = await listen((request, response) => {
      response.on('finish', () => void setTimeout(() => request.socket.end(), 20));
      response.end();
    });
    impatient.server.on('connection', () => {
      connections += 1;
    });
    await using slow = await listen((_request, response) => void setTimeout(() => response.end(), 120));
    const options = exampleOptions(exampleLoad({}), [impatient.url, slow.url], { durationSeconds: 1 });
    const run = async () =>
      name === 'open'
        ? runOpenLoad({ ...options, seed: 1, rate: 10, arrivals: 'uniform' })
        : runInterleavedLoad({ ...options, seed: 1, inFlight: 1 });
    const result = await run();
    expect(operationOf(result).errors).toEqual({});
    // The open load has four connections ahead.
    expect(operationOf(result).completed).toBeGreaterThan(3);
    expect(connections).toBeGreaterThan(5);
  });

  it('do not begin when they are aborted already', async () => {
    const reason = new Error('interrupted');
    const options = exampleOptions(exampleLoad({}), ['http://127.0.0.1:9'], {
      signal: AbortSignal.abort(reason),
    });
    await expect(run(options)).rejects.toBe(reason);
  });
});
