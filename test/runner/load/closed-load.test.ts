import { describe, expect, it } from 'vitest';
import { runClosedLoad } from '../../../src/runner/load/closed-load.ts';
import { exampleLoad, exampleOptions } from './example-load.ts';
import { listen } from './listening-server.ts';

describe('runClosedLoad', () => {
  it('measures every answer of every instance, each with a trace id of its own', async () => {
    const seen: string[] = [];
    await using slow = await listen((request, response) => {
      seen.push(String(request.headers.traceparent));
      setTimeout(() => response.end('ok'), 2);
    });
    await using quick = await listen((_request, response) => response.end('ok'));
    const options = exampleOptions(exampleLoad({ connections: 2 }), [slow.url, quick.url]);
    const result = await runClosedLoad(options);
    expect(result.instances.map((instance) => instance.operations[0]?.errors)).toEqual([{}, {}]);
    expect(result.instances[0]?.operations[0]?.latencies.length).toBeGreaterThan(10);
    expect(new Set(seen).size).toBe(seen.length);
    for (const header of seen) expect(header).toMatch(/^00-00005a170[123]00[0-9a-f]{20}-e5[0-9a-f]{14}-01$/);
  });
});
