import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Load, RequestTemplate } from '../../../src/config.ts';
import { runClosedLoad } from '../../../src/runner/load/closed-load.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';

export function request(overrides: Partial<RequestTemplate>): RequestTemplate {
  return {
    name: 'root',
    method: 'GET',
    path: '/',
    headers: {},
    body: null,
    bodyFile: null,
    expect: [],
    save: {},
    weight: 1,
    writes: false,
    ...overrides,
  };
}

export function loadOf(overrides: Partial<Load>): Load {
  return {
    model: 'closed',
    service: 'api',
    connections: 1,
    timeoutSeconds: 5,
    login: null,
    requests: [request({})],
    maxWrites: 1000,
    seed: 7,
    directory: '/',
    ...overrides,
  };
}

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('runClosedLoad', () => {
  it('measures every answer of every instance', async () => {
    const seen: string[] = [];
    await using one = await serve((req, res) => {
      seen.push(String(req.headers.traceparent));
      setTimeout(() => res.end('ok'), 2);
    });
    await using two = await serve((_req, res) => res.end('ok'));
    const load = loadOf({ connections: 2 });
    const result = await runClosedLoad({
      load,
      workload: createWorkload(load, { readFile: () => new Uint8Array() }),
      targets: [
        { instance: 0, url: one.url },
        { instance: 1, url: two.url },
      ],
      runTag: 99,
      warmUp: { kind: 'fixed', seconds: 0.5 },
      durationSeconds: 1,
      signal: new AbortController().signal,
    });
    expect(result.instances.map((instance) => instance.operations[0]?.errors)).toEqual([{}, {}]);
    expect(result.instances[0]?.operations[0]?.latencies.length).toBeGreaterThan(10);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen[0]).toMatch(/^00-000000630[12]00[0-9a-f]{22}-e5[0-9a-f]{14}-01$/);
  });
});
