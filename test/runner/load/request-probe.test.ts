import { describe, expect, it } from 'vitest';
import { probeRequests } from '../../../src/runner/load/request-probe.ts';
import { exampleLoad, exampleOptions, exampleRequest } from './example-load.ts';
import { listen, originOf } from './listening-server.ts';

const RUN_TAG = 0x5a17;

function optionsOf(load: ReturnType<typeof exampleLoad>, url: string) {
  const { workload, runTag, signal } = exampleOptions(load, []);
  return { workload, runTag, signal, target: { instance: 3, url } };
}

describe('probeRequests', () => {
  it('sends each request once, those first that others wait for', async () => {
    const seen: unknown[] = [];
    await using server = await listen((request, response) => {
      const origin = originOf(request, RUN_TAG);
      seen.push([request.method, request.url, origin?.phase, origin?.instance, origin?.request]);
      if (request.url === '/gone') response.statusCode = 404;
      response.end(
        request.url === '/token' ? '{"token":"s3cr3t-value"}' : `{"id": 12, "echo": "s3cr3t-value"}`,
      );
    });
    const load = exampleLoad({
      login: exampleRequest({ name: 'login', path: '/token', save: { token: '$.token' } }),
      requests: [
        exampleRequest({ name: 'read', path: '/orders/${id}' }),
        exampleRequest({ name: 'make', method: 'POST', path: '/orders', save: { id: '$.id' } }),
        exampleRequest({ name: 'gone', path: '/gone', save: { other: '$.other' } }),
        exampleRequest({ name: 'other', path: '/${other}' }),
      ],
    });
    const probed = await probeRequests(optionsOf(load, server.url));
    expect(seen).toEqual([
      ['GET', '/token', 'login', 3, 4],
      ['POST', '/orders', 'probe', 3, 1],
      ['GET', '/orders/12', 'probe', 3, 0],
      ['GET', '/gone', 'probe', 3, 2],
    ]);
    expect(probed.map(({ name, path, outcome }) => [name, path, outcome.kind])).toEqual([
      ['read', '/orders/12', 'answered'],
      ['make', '/orders', 'answered'],
      ['gone', '/gone', 'answered'],
      ['other', '/${other}', 'not sent'],
    ]);
    expect(probed[2]?.outcome).toMatchObject({ status: 404, expected: false, closesConnection: false });
    expect(probed[1]?.outcome).toMatchObject({
      status: 200,
      expected: true,
      body: '{"id": 12, "echo": "[redacted]"}',
    });
    expect(probed[3]?.outcome).toEqual({ kind: 'not sent', needs: 'other' });
    expect(probed[0]?.traceId).toMatch(/^00005a1703030000/);
  });

  it('tells how a request failed, and goes on', async () => {
    await using server = await listen((request, response) => {
      if (request.url === '/break') request.socket.destroy();
      else if (request.url === '/ok') response.end();
    });
    const load = exampleLoad({
      timeoutSeconds: 0.1,
      requests: ['/break', '/hang', '/ok'].map((path) => exampleRequest({ name: path, path })),
    });
    const probed = await probeRequests(optionsOf(load, server.url));
    expect(probed.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'failed', error: 'connection reset' },
      { kind: 'failed', error: 'timeout' },
      { kind: 'answered', status: 200 },
    ]);
  });

  it('ends at once when it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('interrupted');
    await using server = await listen(() => abort.abort(reason));
    const options = { ...optionsOf(exampleLoad({}), server.url), signal: abort.signal };
    await expect(probeRequests(options)).rejects.toBe(reason);
  });
});
