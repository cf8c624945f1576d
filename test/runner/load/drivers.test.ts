/** The drivers of one connection each: what all drivers must do, and what only these promise. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { driveAutocannon } from '../../../src/runner/load/autocannon-driver.ts';
import { Connection } from '../../../src/runner/load/connection.ts';
import { LoadControl } from '../../../src/runner/load/load-control.ts';
import { drivePlain } from '../../../src/runner/load/plain-driver.ts';
import { describeDriver, operationOf, phaseOf, type RunLoad } from './driver-cases.ts';
import { exampleLoad, exampleOptions, exampleRequest } from './example-load.ts';
import { listen } from './listening-server.ts';

const DRIVERS = [
  ['autocannon', driveAutocannon],
  ['plain', drivePlain],
] as const;

describe.each(DRIVERS)('the %s driver', (name, drive) => {
  const run: RunLoad = async (options) => {
    const connections = Array.from({ length: options.load.connections }, () =>
      options.targets.map((_, position) => new Connection(position)),
    ).flat();
    const control = new LoadControl(options, connections, 0);
    await drive(control);
    return control.result(name);
  };

  describeDriver(name, run, { inOrder: true });

  it('keeps its figures apart by instance and operation, in the same order of contents everywhere', async () => {
    const seen: string[][] = [[], []];
    const record = (position: number) => (request: IncomingMessage) => {
      if (phaseOf(request)?.phase === 'measured') seen[position]?.push(String(request.url));
    };
    await using one = await listen((request, response) => {
      record(0)(request);
      response.end();
    });
    await using two = await listen((request, response) => {
      record(1)(request);
      setTimeout(() => response.end(), 4);
    });
    const requests = [
      exampleRequest({ name: 'a', path: '/a/${int(1,99)}', weight: 3 }),
      exampleRequest({ name: 'b' }),
    ];
    const result = await run(exampleOptions(exampleLoad({ requests }), [one.url, two.url]));
    const counts = result.instances.map(({ operations }) => operations.map(({ completed }) => completed));
    for (const [position, urls] of seen.entries()) {
      const total = counts[position]?.reduce((sum, count) => sum + count, 0) ?? 0;
      expect(urls.length - total).toBeGreaterThanOrEqual(0);
      expect(urls.length - total).toBeLessThanOrEqual(1);
      const onlyA = urls.slice(0, total).filter((url) => url.startsWith('/a/'));
      expect(counts[position]?.[0]).toBe(onlyA.length);
    }
    const [fast = [], slow = []] = seen;
    expect(slow.length).toBeGreaterThan(10);
    expect(fast.length).toBeGreaterThan(slow.length);
    expect(fast.slice(0, slow.length)).toEqual(slow);
    expect(result.instances[1]?.throughput).toBeCloseTo(
      ((counts[1]?.[0] ?? 0) + (counts[1]?.[1] ?? 0)) / result.measuredSeconds,
      6,
    );
  });

  it('goes from warm-up to measuring without a pause or a new connection', async () => {
    const phases: string[] = [];
    let connections = 0;
    await using server = await listen((request, response) => {
      phases.push(phaseOf(request)?.phase ?? 'none');
      response.end();
    });
    server.server.on('connection', () => {
      connections += 1;
    });
    const result = await run(exampleOptions(exampleLoad({ connections: 3 }), [server.url]));
    const first = phases.indexOf('measured');
    expect(new Set(phases.slice(0, first))).toEqual(new Set(['warm-up']));
    expect(new Set(phases.slice(first))).toEqual(new Set(['measured']));
    const unanswered = phases.length - first - operationOf(result).completed;
    expect(unanswered).toBeGreaterThanOrEqual(0);
    expect(unanswered).toBeLessThanOrEqual(3);
    expect(connections).toBe(3);
    expect((result.measuredTo - result.measuredFrom) / 1000).toBeCloseTo(result.measuredSeconds, 1);
    expect(result.warm).toBe(true);
  });

  it('keeps values of answers for later requests of the same connection', async () => {
    let next = 0;
    const owners = new Map<string, unknown>();
    const strangers: string[] = [];
    await using server = await listen((request, response) => {
      if (request.url === '/items') {
        next += 1;
        owners.set(`/items/${next}`, request.socket);
        response.end(JSON.stringify({ item: { id: next } }));
        return;
      }
      if (owners.get(String(request.url)) !== request.socket) strangers.push(String(request.url));
      response.end('{}');
    });
    const requests = [
      exampleRequest({ name: 'make', method: 'POST', path: '/items', save: { id: '$.item.id' } }),
      exampleRequest({ name: 'read', path: '/items/${id}', weight: 2 }),
    ];
    const result = await run(exampleOptions(exampleLoad({ requests, connections: 2 }), [server.url]));
    expect(strangers).toEqual([]);
    expect(operationOf(result, 1).errors).toEqual({});
    expect(operationOf(result, 1).completed).toBeGreaterThan(operationOf(result, 0).completed);
  });
});
