/** A complete load of one request, to be varied by the tests. */
import type { Load, RequestTemplate } from '../../../src/config.ts';
import type { LoadOptions } from '../../../src/runner/load/load-result.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';

export function exampleRequest(overrides: Partial<RequestTemplate>): RequestTemplate {
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

export function exampleLoad(overrides: Partial<Load>): Load {
  return {
    model: 'closed',
    service: 'api',
    connections: 1,
    timeoutSeconds: 5,
    login: null,
    requests: [exampleRequest({})],
    maxWrites: 1000,
    seed: 7,
    directory: '/',
    ...overrides,
  };
}

/** Short, as the subject is what is counted, not the figures. */
export function exampleOptions(
  load: Load,
  urls: readonly string[],
  overrides: Partial<LoadOptions> = {},
): LoadOptions {
  return {
    load,
    workload: createWorkload(load, { readFile: noFiles }),
    targets: urls.map((url, instance) => ({ instance, url })),
    runTag: 0x5a17,
    warmUp: { kind: 'fixed', seconds: 0.2 },
    durationSeconds: 0.4,
    signal: new AbortController().signal,
    ...overrides,
  };
}

export function noFiles(path: string): Uint8Array {
  throw new Error(`ENOENT: no such file, open '${path}'`);
}
