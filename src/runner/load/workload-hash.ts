/** What two measurements must have in common to be compared. */
import { createHash } from 'node:crypto';
import type { RequestTemplate, Rounds } from '../../config.ts';
import { isCredential } from './redact.ts';
import type { Workload, WorkloadRequest } from './workload.ts';

/**
 * SHA-256 (hex) of all that decides what is sent and how: rendered contents (so the content of body and CSV files,
 * not their names), weights, connections, durations, seed. Credentials are left out: values of such headers and the
 * body of the login. So are the number of rounds and of instances, which do not change what one instance is sent.
 */
export function workloadHash(workload: Workload, rounds: Pick<Rounds, 'durationSeconds' | 'warmUp'>): string {
  const { load, requests, login } = workload;
  const { model, inFlight, open, command, connections, timeoutSeconds, maxWrites, seed } = load;
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    hash.update(`${JSON.stringify(value)}\n`);
  };
  // What is not given leaves no trace, so that baselines from before there were such keys still match.
  add({ model, connections, timeoutSeconds, maxWrites, seed, inFlight, open, command });
  add({ durationSeconds: rounds.durationSeconds, warmUp: rounds.warmUp });
  add(login && [outline(login.template), login.template.path]);
  for (const request of requests) {
    add(outline(request.template));
    for (const content of contentsOf(request)) add(content);
  }
  return hash.digest('hex');
}

function outline({ name, method, expect, save, weight, writes }: RequestTemplate): unknown {
  return { name, method, expect, save: Object.entries(save).sort(), weight, writes };
}

function* contentsOf({ contents, needs }: WorkloadRequest): Generator<unknown> {
  // Values that are known only while the load runs stand as their names.
  const known = new Map(needs.map((name) => [name, `{${name}}`]));
  for (const content of contents) {
    const { path, headers, body } = content.render(known, () => '{uuid}');
    const shown = headers.map(([name, value]) => [name, isCredential(name) ? '' : value]);
    yield [path, shown, body instanceof Uint8Array ? Buffer.from(body).toString('base64') : body];
  }
}
