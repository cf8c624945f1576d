/** What every driver must do, against real servers: what it measures is compared with what the server itself saw. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { quantileSorted } from '../../../src/quantile.ts';
import type { Clock, LoadOptions, LoadResult, OperationLoad } from '../../../src/runner/load/load-result.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';
import type { TraceOrigin } from '../../../src/telemetry/trace-id.ts';
import { exampleLoad, exampleOptions, exampleRequest } from './example-load.ts';
import { listen, originOf, stop } from './listening-server.ts';

export type RunLoad = (options: LoadOptions) => Promise<LoadResult>;

/** Seconds go by five times as fast, for what is decided by waiting. */
const HURRIED: Clock = { now: () => performance.now() / 200, epoch: () => Date.now() };

export function phaseOf(request: IncomingMessage): TraceOrigin | null {
  return originOf(request, exampleOptions(exampleLoad({}), []).runTag);
}

export function operationOf(result: LoadResult, index = 0, instance = 0): OperationLoad {
  const found = result.instances[instance]?.operations[index];
  if (!found) throw new Error(`no operation ${index} of instance ${instance}`);
  return found;
}

/**
 * What the client saw more than the server.
 *
 * @param inOrder whether the n-th answer is that to the n-th request, as with one request in flight
 */
function excessOf(latencies: Float64Array, served: readonly number[], inOrder: boolean): Float64Array {
  const [seen, real] = inOrder
    ? [latencies, served]
    : [latencies.toSorted(), [...served].sort((a, b) => a - b)];
  return seen.map((latency, index) => latency - (real[index] ?? Number.NaN));
}

/** @param inOrder whether it has but one request in flight where there is one connection */
export function describeDriver(name: string, run: RunLoad, { inOrder }: { readonly inOrder: boolean }): void {
  describe(`the ${name} driver`, () => {
    it('sees the latency of each single request as the server does', async () => {
      const served: number[] = [];
      await using server = await listen((request, response) => {
        const from = performance.now();
        // Delays that alternate, so that an answer given to the wrong request shows.
        setTimeout(
          () => {
            if (phaseOf(request)?.phase === 'measured') served.push((performance.now() - from) / 1000);
            response.end('ok');
          },
          Number(request.url?.slice(1)),
        );
      });
      const load = exampleLoad({ requests: [exampleRequest({ path: '/${choice(20,60)}' })] });
      const result = await run(exampleOptions(load, [server.url], { durationSeconds: 1.5 }));
      const { latencies, requests, completed, errors } = operationOf(result);
      expect(errors).toEqual({});
      expect([requests, completed]).toEqual([latencies.length, latencies.length]);
      expect(latencies.length).toBeGreaterThan(10);
      // One connection, so the n-th answer is that to the n-th request; the last may still be in flight.
      expect(served.length - latencies.length).toBeLessThanOrEqual(1);
      const excess = excessOf(latencies, served, inOrder);
      expect(Math.min(...excess)).toBeGreaterThanOrEqual(0);
      expect(quantileSorted(excess.sort(), 0.5)).toBeLessThan(0.01);
    });

    it('counts unexpected answers by status, out of the latencies, and shows the first one without its tokens', async () => {
      let count = 0;
      await using server = await listen((request, response) => {
        count += 1;
        response.statusCode = count % 3 === 0 ? 503 : 201;
        response.end(`{"token":"abcdef123456","seen":"${request.headers.authorization}"}`);
      });
      const requests = [exampleRequest({ headers: { authorization: 'Bearer swordfish42' }, expect: [201] })];
      const {
        latencies,
        requests: sent,
        completed,
        errors,
        unexpected,
      } = operationOf(await run(exampleOptions(exampleLoad({ requests }), [server.url])));
      expect(Object.keys(errors)).toEqual(['status 503']);
      expect(Math.abs(latencies.length - 2 * (errors['status 503'] ?? 0))).toBeLessThanOrEqual(2);
      expect(completed).toBe(sent);
      expect(unexpected).toEqual({ status: 503, body: '{"token":"[redacted]","seen":"[redacted]"}' });
    });

    it('says so when every answer is unexpected', async () => {
      await using server = await listen((_request, response) => {
        response.statusCode = 404;
        response.end('Cannot GET /');
      });
      const found = operationOf(await run(exampleOptions(exampleLoad({}), [server.url])));
      expect(found.latencies).toHaveLength(0);
      expect(found.errors).toEqual({ 'status 404': found.requests });
      expect(found.unexpected).toEqual({ status: 404, body: 'Cannot GET /' });
    });

    it('counts a request that is not answered in time, and goes on with the next', async () => {
      await using server = await listen((request, response) => {
        if (request.url === '/never') return;
        setTimeout(() => response.end(), 5);
      });
      const requests = [
        exampleRequest({ name: 'never', path: '/never' }),
        exampleRequest({ name: 'soon', path: '/soon', weight: 4 }),
      ];
      const load = exampleLoad({ requests, timeoutSeconds: 0.15 });
      const result = await run(exampleOptions(load, [server.url], { durationSeconds: 1.5 }));
      const [never, soon] = [operationOf(result, 0), operationOf(result, 1)];
      expect(never.errors).toEqual({ timeout: never.requests });
      expect(never.requests).toBeGreaterThan(0);
      expect(never.completed).toBe(0);
      expect(soon.errors).toEqual({});
      expect(soon.latencies.length).toBeGreaterThan(0);
      expect(Math.max(...soon.latencies)).toBeLessThan(0.15);
    });

    // A machine that is busy with something else for a second delays every answer: a defect does so each time.
    it('counts a connection that breaks, and never gives its latency to a later request', {
      retry: 2,
    }, async () => {
      const served: number[] = [];
      let lost = 0;
      let count = 0;
      await using server = await listen((request, response) => {
        const from = performance.now();
        const measured = phaseOf(request)?.phase === 'measured';
        count += 1;
        const breaks = count % 5 === 0;
        setTimeout(
          () => {
            if (breaks && measured) lost += 1;
            if (breaks) request.socket.destroy();
            else {
              if (measured) served.push((performance.now() - from) / 1000);
              response.end();
            }
          },
          10 + 20 * (count % 2),
        );
      });
      const result = await run(exampleOptions(exampleLoad({}), [server.url], { durationSeconds: 1.5 }));
      const { latencies, errors, requests, completed } = operationOf(result);
      const failed = Object.values(errors).reduce((sum, times) => sum + times, 0);
      expect(Object.keys(errors).every((type) => /^connection (closed|reset)$/.test(type))).toBe(true);
      expect(failed).toBeGreaterThan(3);
      expect(Math.abs(lost - failed)).toBeLessThanOrEqual(1);
      expect([completed, requests]).toEqual([latencies.length, latencies.length + failed]);
      const excess = excessOf(latencies, served, inOrder);
      expect(Math.min(...excess)).toBeGreaterThanOrEqual(0);
      expect(quantileSorted(excess.sort(), 0.5)).toBeLessThan(0.01);
    });

    it('sends method, path, headers and body as they were rendered', async () => {
      const bodies = new Set<string>();
      const heads = new Set<string>();
      await using server = await listen((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const { method, url, headers } = request;
          const {
            accept,
            host,
            'content-type': type,
            'content-length': length,
            'x-a': a,
            'user-agent': agent,
          } = headers;
          heads.add(JSON.stringify({ method, url, accept, host, type, length, a, agent }));
          bodies.add(Buffer.concat(chunks).toString('hex'));
          response.end();
        });
      });
      const requests = [
        exampleRequest({ method: 'POST', path: '/a b?q=é', body: '{"é":1}', headers: { 'X-A': 'ä' } }),
        exampleRequest({ name: 'empty', method: 'PUT', path: '/empty' }),
        exampleRequest({ name: 'bytes', method: 'POST', path: '/bytes', bodyFile: '/photo' }),
      ];
      const load = exampleLoad({ requests });
      const options = exampleOptions(exampleLoad({}), [server.url]);
      const workload = createWorkload(load, { readFile: () => Uint8Array.of(0xff, 0xd8) });
      const result = await run({ ...options, load, workload });
      for (const index of [0, 1, 2]) expect(operationOf(result, index).errors).toEqual({});
      expect(bodies).toEqual(new Set(['', Buffer.from('{"é":1}').toString('hex'), 'ffd8']));
      const parsed = [...heads].map((head) => JSON.parse(head));
      const common = { accept: '*/*', host: new URL(server.url).host, agent: 'spangate' };
      expect(parsed).toContainEqual({ ...common, method: 'PUT', url: '/empty', length: '0' });
      expect(parsed).toContainEqual({ ...common, method: 'POST', url: '/bytes', length: '2' });
      expect(parsed).toContainEqual({
        ...common,
        method: 'POST',
        url: '/a%20b?q=%C3%A9',
        type: 'application/json',
        length: '8',
        a: expect.any(String),
      });
    });

    it('saves a value whole, also of a large answer that comes in pieces', async () => {
      const value = 'é'.repeat(50_000);
      const requests = [
        exampleRequest({ path: '/value', save: { value: '$.value' } }),
        exampleRequest({ name: 'use', method: 'POST', path: '/use', body: '${value}' }),
      ];
      const load = exampleLoad({ requests });
      const sizes = new Set<number>();
      await using sink = await listen((request, response) => {
        let bytes = 0;
        request.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        request.on('end', () => {
          if (request.url === '/use') sizes.add(bytes);
          response.end(request.url === '/value' ? JSON.stringify({ value }) : '');
        });
      });
      await run(exampleOptions(load, [sink.url]));
      expect(sizes).toEqual(new Set([100_000]));
    });

    it('warns of a request that is never sent, because no answer holds its value', async () => {
      await using server = await listen((_request, response) => response.end('{}'));
      const requests = [
        exampleRequest({ save: { id: '$.id' } }),
        exampleRequest({ name: 'read', path: '/${id}' }),
      ];
      const result = await run(exampleOptions(exampleLoad({ requests }), [server.url]));
      expect(operationOf(result, 1).requests).toBe(0);
      expect(result.warnings).toEqual([expect.objectContaining({ code: 'request-never-sent' })]);
    });

    it('sends unique ids that no two requests share', async () => {
      const ids: string[] = [];
      const handler = (request: IncomingMessage) => ids.push(String(request.headers['x-id']));
      await using one = await listen((request, response) => {
        handler(request);
        response.end();
      });
      await using two = await listen((request, response) => {
        handler(request);
        response.end();
      });
      const requests = [exampleRequest({ headers: { 'x-id': '${uuid}' } })];
      await run(exampleOptions(exampleLoad({ requests, connections: 2 }), [one.url, two.url]));
      expect(ids.length).toBeGreaterThan(100);
      expect(new Set(ids).size).toBe(ids.length);
      expect(new Set(ids.map((id) => id.length))).toEqual(new Set([36]));
    });

    it('sends an instance no more writes than allowed', async () => {
      const writes = { 'warm-up': 0, measured: 0 };
      await using server = await listen((request, response) => {
        const phase = phaseOf(request)?.phase;
        if (request.method === 'POST' && (phase === 'warm-up' || phase === 'measured')) writes[phase] += 1;
        response.end();
      });
      const requests = [
        exampleRequest({ name: 'write', method: 'POST', writes: true, weight: 3 }),
        exampleRequest({ name: 'read' }),
      ];
      const load = exampleLoad({ requests, maxWrites: 30, connections: 2 });
      const result = await run(exampleOptions(load, [server.url], { durationSeconds: 0.4 }));
      expect(writes).toEqual({ 'warm-up': 15, measured: 30 });
      expect(operationOf(result, 0).completed).toBe(30);
      expect(operationOf(result, 1).completed).toBeGreaterThan(30);
      expect(result.warnings).toEqual([]);
    });

    it('ends early, with a warning, where every request writes and all writes are sent', async () => {
      await using server = await listen((_request, response) => response.end());
      const load = exampleLoad({ requests: [exampleRequest({ writes: true })], maxWrites: 40 });
      const result = await run(exampleOptions(load, [server.url], { durationSeconds: 30 }));
      expect(operationOf(result).requests).toBe(40);
      expect(result.measuredSeconds).toBeLessThan(30);
      expect(result.warnings).toEqual([expect.objectContaining({ code: 'writes-used-up' })]);
    });

    it('leaves no connection behind, and waits for what is in flight', async () => {
      let aborted = 0;
      await using server = await listen((request, response) => {
        response.on('close', () => {
          if (!response.writableFinished) aborted += 1;
        });
        if (request.url) setTimeout(() => response.end(), 30);
      });
      await run(exampleOptions(exampleLoad({ connections: 4 }), [server.url]));
      // The server learns of a closed connection a little later; it says so itself.
      await new Promise<void>((resolve) => {
        const look = () =>
          server.server.getConnections((_error, open) => (open === 0 ? resolve() : setImmediate(look)));
        look();
      });
      expect(aborted).toBe(0);
    });

    it('ends with an error when an instance dies during the load', async () => {
      await using well = await listen((_request, response) => response.end());
      let count = 0;
      const dying = await listen((_request, response) => {
        count += 1;
        response.end();
        if (count === 50) void stop(dying.server);
      });
      const load = run(
        exampleOptions(exampleLoad({ connections: 2 }), [well.url, dying.url], {
          durationSeconds: 60,
          clock: HURRIED,
        }),
      );
      await expect(load).rejects.toMatchObject({
        code: 'service-died',
        exitCode: 3,
        message: expect.stringContaining(dying.url),
      });
    });

    it('ends with an error when an instance stops to answer', async () => {
      let count = 0;
      await using server = await listen((_request, response) => {
        count += 1;
        if (count < 50) response.end();
      });
      const load = exampleLoad({ timeoutSeconds: 0.2 });
      await expect(
        run(exampleOptions(load, [server.url], { durationSeconds: 60, clock: HURRIED })),
      ).rejects.toMatchObject({
        code: 'no-answers',
        exitCode: 3,
      });
    });

    it('ends at once when it is aborted, with the reason', async () => {
      const abort = new AbortController();
      const reason = new Error('interrupted');
      let count = 0;
      await using server = await listen((_request, response) => {
        count += 1;
        if (count === 100) abort.abort(reason);
        response.end();
      });
      const options = exampleOptions(exampleLoad({}), [server.url], {
        durationSeconds: 60,
        signal: abort.signal,
      });
      await expect(run(options)).rejects.toBe(reason);
      await expect(run(options)).rejects.toBe(reason);
    });

    it('tells its progress in both phases', async () => {
      const phases = new Set<string>();
      await using server = await listen((_request, response) => response.end());
      await run(
        exampleOptions(exampleLoad({}), [server.url], {
          warmUp: { kind: 'fixed', seconds: 0.7 },
          durationSeconds: 0.7,
          onProgress: ({ phase, requests, p50 }) => {
            if (requests > 0 && p50 !== null && p50 > 0) phases.add(phase);
          },
        }),
      );
      expect(phases).toEqual(new Set(['warm-up', 'measured']));
    });
  });
}
