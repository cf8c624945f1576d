import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MetricDefinition, Receivers, Scenario, Service } from '../../src/config.ts';
import { EXIT, UserError } from '../../src/errors.ts';
import type { Measurement } from '../../src/measurement.ts';
import { measure } from '../../src/runner/measure.ts';
import { assertReachable, assertTwoBuilds, runningWarnings } from '../../src/runner/running-services.ts';
import { openTogether } from '../../src/runner/together/open-together.ts';
import { type Bench, openBench, ports, service } from './process-bench.ts';
import { togetherOptions } from './together/example-arms.ts';

const DIRECTORY = join(import.meta.dirname, 'running-fixtures');

let bench: Bench;
const ends: (() => void)[] = [];

beforeEach(() => {
  bench = openBench();
});

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await bench[Symbol.asyncDispose]();
});

function running(url: string, changes: Partial<Service> = {}): Service {
  return service('', { name: 'inventory', url, ...changes });
}

async function failureOf(work: Promise<unknown>): Promise<UserError> {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof UserError)) throw new Error(`expected a UserError, got ${String(outcome)}`);
  return outcome;
}

async function listening(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 404).end();
  }).listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a service that runs already', () => {
  test('has to answer before a round begins', async () => {
    const { url } = await listening();
    const { signal } = new AbortController();
    await assertReachable(
      [running(url), running(url, { ready: { kind: 'http', path: '/healthz' } })],
      signal,
    );
  });

  test('that does not answer is named, with what was seen instead', async () => {
    const { url } = await listening();
    const { signal } = new AbortController();
    const missing = running(url, { ready: { kind: 'http', path: '/ready' }, startTimeoutSeconds: 0 });
    const error = await failureOf(assertReachable([missing], signal));
    expect(error.code).toBe('service-not-reached');
    expect(error.message).toBe(
      `The service inventory did not answer at ${url} within 0 s: GET /ready was answered with 404.`,
    );
    expect(error.where).toBe('services.inventory.url');
    expect(error.exitCode).toBe(EXIT.couldNotMeasure);
    const nobody = running(`http://127.0.0.1:${await ports.take()}`, { startTimeoutSeconds: 0 });
    expect((await failureOf(assertReachable([nobody], signal))).message).toMatch(
      /nothing listens on its port/,
    );
  });

  test('cannot be the service under load of two builds', () => {
    const { scenario } = togetherOptions(bench, {}).head;
    const url = 'http://127.0.0.1:8080';
    const shared = { ...scenario, services: [...scenario.services, running(url)] };
    expect(() => assertTwoBuilds(shared)).not.toThrow();
    const [api] = scenario.services;
    expect(() => assertTwoBuilds({ ...scenario, services: api ? [{ ...api, url }] : [] })).toThrow(
      'The load of example goes to the service api, which runs already (http://127.0.0.1:8080), so both builds would be the same process.',
    );
  });

  test('is said to be shared, by the rounds of one build as by two builds', () => {
    const services = [service('node server.js'), running('http://127.0.0.1:8080')];
    const [round] = runningWarnings({ services }, 'round');
    expect(round?.message).toBe(
      'What runs already (inventory) is the same process in all rounds: nobody starts it afresh, and each round finds it as those before left it. Without `receivers` none of its spans are seen.',
    );
    const receivers: Receivers = { host: '127.0.0.1', httpPort: 4318, grpcPort: null, settleSeconds: 1 };
    const [build] = runningWarnings({ services, receivers }, 'build');
    expect(build?.message).toBe(
      'Both builds share what runs already (inventory): a change of its own code is not seen, and where it is the slower part it hides a change of the others.',
    );
    expect(runningWarnings({ services: services.slice(0, 1) }, 'build')).toEqual([]);
  });
});

describe('spans of a service that runs already', () => {
  async function withInventory(changes: Partial<Scenario> = {}): Promise<Scenario> {
    const httpPort = await ports.take();
    const child = spawn(process.execPath, ['inventory.mjs'], {
      cwd: DIRECTORY,
      env: { PATH: process.env.PATH, OTLP_URL: `http://127.0.0.1:${httpPort}/v1/traces` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ends.push(() => child.kill());
    const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { scenario } = togetherOptions(bench, {}).head;
    return {
      ...scenario,
      services: [
        service('node gateway.mjs', {
          directory: DIRECTORY,
          env: { INVENTORY: '${services.inventory.url}' },
        }),
        running(`http://127.0.0.1:${port}`),
      ],
      receivers: { host: '127.0.0.1', httpPort, grpcPort: null, settleSeconds: 0.6 },
      rounds: { ...scenario.rounds, count: 1, instances: 2 },
      ...changes,
    };
  }

  function inventoryCalls({ rounds }: Measurement): readonly number[] {
    return rounds.flatMap(({ instances }) =>
      instances.map(({ operations }) => {
        const { spans = {}, traces = 0 } = operations.root ?? {};
        const calls = spans['server:inventory:GET /stock']?.calls ?? 0;
        expect(spans['internal:inventory:count']?.calls).toBe(calls);
        expect(traces).toBeGreaterThan(0);
        return Math.round((calls / traces) * 100) / 100;
      }),
    );
  }

  function measured(scenario: Scenario): Promise<Measurement> {
    const { seed, inherited, registry, directory, progress, now, tool } = togetherOptions(bench, {});
    const given = { seed, inherited, registry, directory, progress, now, tool };
    return measure({ scenario, ...given, setUp: true, commit: null });
  }

  test('belong to the instance whose request their trace began with', async () => {
    const measurement = await measured(await withInventory());
    expect(inventoryCalls(measurement)).toEqual([1, 1]);
    expect(measurement.warnings.map(({ code }) => code)).toContain('service-shared');
  });

  test('belong to the build whose request their trace began with', async () => {
    const scenario = await withInventory();
    const options = togetherOptions(bench, {});
    await using run = await openTogether({
      ...options,
      base: { ...options.base, scenario },
      head: { ...options.head, scenario },
    });
    expect(run.warnings.map(({ code }) => code)).toEqual(['service-shared']);
    await run.measureRound({ stage: 'screen', probe: false });
    const pair = run.measurements('screen');
    expect(pair && inventoryCalls(pair.base)).toEqual([1, 1]);
    expect(pair && inventoryCalls(pair.head)).toEqual([1, 1]);
  });

  test('are all there where it gets the load itself', async () => {
    const scenario = await withInventory();
    const measurement = await measured({
      ...scenario,
      services: scenario.services.slice(1),
      load: { ...scenario.load, service: 'inventory' },
      rounds: { ...scenario.rounds, count: 2, instances: 1 },
    });
    expect(inventoryCalls(measurement)).toEqual([1, 1]);
    expect(measurement.status).toBe('complete');
  });

  const READS: MetricDefinition = {
    ...{ name: 'reads', metric: 'stock.reads', service: 'inventory', attributes: {}, value: 'auto' },
    limit: { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 },
  };

  test('come with log records, of the instance whose request they were logged in', async () => {
    const scenario = await withInventory({ logs: { keep: 0, redact: [] } });
    const { rounds, warnings } = await measured(scenario);
    expect(rounds[0]?.instances).toHaveLength(2);
    for (const { operations, quality } of rounds[0]?.instances ?? []) {
      const { logs, traces = 0 } = operations.root ?? {};
      expect(logs?.inventory?.error).toEqual({ records: traces, requests: traces });
      expect(quality.logs).toMatchObject({ records: traces, withoutTrace: 0, dropped: 0 });
    }
    expect(warnings.map(({ code }) => code)).not.toContain('logs-dropped');
  });

  test('come with metrics, which are known of an instance that is alone in its round', async () => {
    const scenario = await withInventory();
    const policy = { ...scenario.policy, metrics: [READS] };
    const shared = await measured({ ...scenario, policy });
    expect(shared.rounds[0]?.instances.map(({ namedMetrics }) => namedMetrics?.reads?.value)).toEqual([
      null,
      null,
    ]);
    const codes = shared.warnings.map(({ code }) => code);
    expect(codes).toContain('metric-shared');
    expect(codes).not.toContain('metric-missing');
    const alone = await measured({ ...scenario, policy, rounds: { ...scenario.rounds, instances: 1 } });
    // The ends of the stretch lie within a tenth of a second of a counter.
    expect(alone.rounds[0]?.instances[0]?.namedMetrics?.reads?.value).toBeCloseTo(1, 0);
    expect(alone.warnings.map(({ code }) => code)).not.toContain('metric-shared');
  });

  test('that come nowhere end the run with where they should be sent', async () => {
    const scenario = await withInventory();
    const httpPort = await ports.take();
    const error = await failureOf(
      measured({
        ...scenario,
        services: scenario.services.slice(1),
        load: { ...scenario.load, service: 'inventory' },
        receivers: { host: '127.0.0.1', httpPort, grpcPort: null, settleSeconds: 0.1 },
        rounds: { ...scenario.rounds, instances: 1 },
      }),
    );
    expect(error.code).toBe('no-spans');
    expect(error.hint).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${httpPort} (http/protobuf)`);
  });
});
