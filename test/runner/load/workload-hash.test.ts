import { describe, expect, it } from 'vitest';
import type { Load, RequestTemplate } from '../../../src/config.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';
import { workloadHash } from '../../../src/runner/load/workload-hash.ts';
import { exampleLoad, exampleRequest } from './example-load.ts';

const ROUNDS = { durationSeconds: 8, warmUp: { kind: 'auto', atMostSeconds: 20 } } as const;
const CSV = 'sku\na\nb\n';

function hashOf(load: Partial<Load>, csv = CSV, rounds: Parameters<typeof workloadHash>[1] = ROUNDS): string {
  const workload = createWorkload(exampleLoad(load), { readFile: () => Buffer.from(csv) });
  return workloadHash(workload, rounds);
}

function hashOfRequest(request: Partial<RequestTemplate>, csv = CSV): string {
  return hashOf({ requests: [exampleRequest({ path: '/${csv(skus.csv).sku}', ...request })] }, csv);
}

const same = hashOfRequest({});

describe('the workload hash', () => {
  it('is SHA-256 in hex, and the same for the same workload', () => {
    expect(same).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOfRequest({})).toBe(same);
  });

  it.each<[string, string]>([
    ['the path', hashOfRequest({ path: '/x' })],
    ['the method', hashOfRequest({ method: 'PUT' })],
    ['a header', hashOfRequest({ headers: { 'accept-language': 'de' } })],
    ['the body', hashOfRequest({ method: 'GET', body: 'x' })],
    ['the rows of a CSV file', hashOfRequest({}, 'sku\na\nc\n')],
    ['what is expected', hashOfRequest({ expect: [404] })],
    ['what is saved', hashOfRequest({ save: { id: '$.id' } })],
    ['the name', hashOfRequest({ name: 'other' })],
    ['whether it writes', hashOfRequest({ writes: true })],
    ['another request', hashOf({ requests: [exampleRequest({}), exampleRequest({ name: 'b' })] })],
  ])('changes with %s', (_what, hash) => {
    expect(hash).not.toBe(same);
  });

  it('changes with weights, connections, seed, durations', () => {
    const two = (weight: number) => [exampleRequest({ weight }), exampleRequest({ name: 'b' })];
    const hashes = [
      hashOf({ requests: two(1) }),
      hashOf({ requests: two(2) }),
      hashOf({ requests: two(1), connections: 2 }),
      hashOf({ requests: two(1), seed: 8 }),
      hashOf({ requests: two(1) }, CSV, { ...ROUNDS, durationSeconds: 9 }),
      hashOf({ requests: two(1) }, CSV, { ...ROUNDS, warmUp: { kind: 'fixed', seconds: 2 } }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('changes with what the models of the load are given', () => {
    const hashes = [
      hashOf({ model: 'closed' }),
      hashOf({ model: 'interleaved' }),
      hashOf({ model: 'interleaved', inFlight: 3 }),
      hashOf({ model: 'open', open: { rate: 100, arrivals: 'poisson' } }),
      hashOf({ model: 'open', open: { rate: 200, arrivals: 'poisson' } }),
      hashOf({ model: 'open', open: { rate: 200, arrivals: 'uniform' } }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('does not change with credentials, which may rotate, nor with the place of the project', () => {
    const headers = (token: string) => ({ Authorization: `Bearer ${token}`, 'x-api-key': token });
    expect(hashOfRequest({ headers: headers('one') })).toBe(hashOfRequest({ headers: headers('two') }));
    const login = (password: string) => exampleRequest({ name: 'login', method: 'POST', body: password });
    expect(hashOf({ login: login('a') })).toBe(hashOf({ login: login('b') }));
    expect(hashOf({ login: login('a') })).not.toBe(hashOf({ login: null }));
    expect(hashOf({ directory: '/elsewhere' })).toBe(hashOf({}));
  });
});
