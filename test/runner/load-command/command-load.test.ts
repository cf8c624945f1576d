import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Scenario, Service } from '../../../src/config.ts';
import { EXIT, UserError } from '../../../src/errors.ts';
import type { Instance, Measurement } from '../../../src/measurement.ts';
import { measure } from '../../../src/runner/measure.ts';
import { openTogether } from '../../../src/runner/together/open-together.ts';
import { exampleLoad } from '../load/example-load.ts';
import { type Bench, livingOf, openBench, service } from '../process-bench.ts';
import { togetherOptions } from '../together/example-arms.ts';

/** The project of the session in test/e2e. */
const DIRECTORY = join(import.meta.dirname, '../../e2e/fixtures/load-command');

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

function started(name: string, changes: Partial<Service> = {}): Service {
  const env = { QUEUE_PORT: '${services.queue.port}', ...changes.env };
  return service(`node ${name}.mjs`, { name, directory: DIRECTORY, ...changes, env });
}

function worker(env: Readonly<Record<string, string>> = {}): Service {
  return started('worker', { ready: { kind: 'log', pattern: 'consuming' }, env });
}

/** A queue and a worker, loaded by the command in a mode of its own. */
function commandScenario(mode: string, env: Readonly<Record<string, string>> = {}): Scenario {
  const { scenario } = togetherOptions(bench, {}).head;
  return {
    ...scenario,
    services: [started('queue'), worker(env)],
    load: {
      ...scenario.load,
      model: 'command',
      command: `node send.mjs --${mode}`,
      service: 'queue',
      requests: [],
      timeoutSeconds: 10,
      directory: DIRECTORY,
    },
    rounds: { ...scenario.rounds, together: { ...scenario.rounds.together, probe: null } },
  };
}

function measured(scenario: Scenario): Promise<Measurement> {
  const { seed, inherited, registry, directory, progress, now, tool } = togetherOptions(bench, {});
  const given = { seed, inherited, registry, directory, progress, now, tool };
  return measure({ scenario, ...given, setUp: true, commit: null });
}

async function failureOf(scenario: Scenario): Promise<UserError> {
  const outcome = await measured(scenario).catch((error: unknown) => error);
  if (!(outcome instanceof UserError)) throw new Error(`expected a UserError, got ${String(outcome)}`);
  expect(livingOf(bench.registry.runId), 'nothing of it runs').toEqual([]);
  return outcome;
}

function onlyInstance({ rounds }: Measurement): Instance {
  const [instance] = rounds.flatMap(({ instances }) => instances);
  if (!instance) throw new Error('a round was measured, and there is no instance');
  return instance;
}

const PROCESS = 'consumer:worker:process orders';

describe('a load command', () => {
  test.each([
    ['continue its traces', { CONTINUES: '1' }],
    ['link to its traces', { CONTINUES: '' }],
  ])('sends messages, which are reconciled with the consumers that %s', async (_, env) => {
    const measurement = await measured(commandScenario('messages', env));
    const { operations, quality, throughput } = onlyInstance(measurement);
    expect(Object.keys(operations)).toEqual(['order']);
    const { requests = 0, traces, latency, spans = {} } = operations.order ?? {};
    expect(requests).toBeGreaterThan(10);
    expect(traces).toBe(requests);
    expect(quality).toMatchObject({ requestsCompleted: requests, rootSpans: requests });
    expect(spans[PROCESS]?.calls).toBe(requests);
    expect(spans['internal:worker:store']?.calls).toBe(requests);
    expect(spans[PROCESS]?.errors).toEqual({ RangeError: Math.floor(requests / 10) });
    // From `sentAt` to the end of the consumer.
    expect(latency?.count).toBe(requests);
    expect(latency?.p50).toBeGreaterThan(spans[PROCESS]?.duration?.p50 ?? 0);
    expect(latency?.p50).toBeLessThan(1);
    expect(throughput).toBeGreaterThan(10);
    expect(measurement.workload).toMatchObject({ model: 'command', driver: 'command', requests: [] });
    expect(measurement.status).toBe('complete');
  });

  test('may report latencies of its own, and sums instead of messages', async () => {
    const { operations } = onlyInstance(await measured(commandScenario('array')));
    expect(operations.order?.latency).toMatchObject({ p50: 0.25, p99: 0.25 });
    expect(operations.order?.traces).toBe(operations.order?.requests);
  });

  test('may report no traces where it names its messages as their root span', async () => {
    const { operations } = onlyInstance(await measured(commandScenario('names')));
    const { requests = 0, traces = 0, latency } = operations['process orders'] ?? {};
    expect(traces).toBeGreaterThanOrEqual(requests);
    expect(latency).toBeUndefined();
  });

  test('that reports more than arrives leaves a measurement that says so', async () => {
    const scenario = commandScenario('more-than-it-sent');
    const measurement = await measured({ ...scenario, load: { ...scenario.load, timeoutSeconds: 3 } });
    expect(measurement.status).toBe('degraded');
    expect(measurement.warnings.map(({ code }) => code)).toContain('spans-missing');
  });

  test('is run for each instance of two builds at the same time', async () => {
    const options = togetherOptions(bench, {});
    await using run = await openTogether({
      ...options,
      base: { ...options.base, scenario: commandScenario('messages', { STORES: '1' }) },
      head: { ...options.head, scenario: commandScenario('messages', { STORES: '3' }) },
    });
    await run.measureRound({ stage: 'screen', probe: true });
    const pair = run.measurements('screen');
    if (!pair) throw new Error('a round was measured, and there is no measurement');
    const figures = [pair.base, pair.head].map(({ rounds, status }) => ({
      status,
      // Of each instance: whether all messages were seen, and what the worker did for each.
      instances: rounds.flatMap(({ instances }) =>
        instances.map(({ operations: { order } }) => [
          order !== undefined && order.requests > 0 && order.traces === order.requests,
          (order?.spans['internal:worker:store']?.calls ?? 0) / (order?.requests ?? 0),
        ]),
      ),
    }));
    expect(figures).toEqual([
      {
        status: 'complete',
        instances: [
          [true, 1],
          [true, 1],
        ],
      },
      {
        status: 'complete',
        instances: [
          [true, 3],
          [true, 3],
        ],
      },
    ]);
  });

  test.each([
    ['fails', 'load-command-failed', /^The load command failed \(exit code 1\): node send\.mjs --fails$/],
    ['hangs', 'load-command-hung', /still ran 1 s behind its 1 s, and was ended/],
    ['no-report', 'load-report-missing', /^The load command wrote no report/],
    ['rubbish', 'load-report-unreadable', /is no JSON at line 1: "sent 5 orders, all fine"\.$/],
    ['nothing-sent', 'load-nothing-sent', /sent nothing, or that all of it failed/],
  ])('that ends wrong by --%s is a state of its own', async (mode, code, message) => {
    const scenario = commandScenario(mode);
    const timeoutSeconds = mode === 'hangs' ? 1 : 10;
    const error = await failureOf({ ...scenario, load: { ...scenario.load, timeoutSeconds } });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.where).toBe('load.command');
    expect(error.exitCode).toBe(EXIT.couldNotMeasure);
    if (mode === 'fails') expect(error.detail.join('\n')).toContain('the broker said no');
  });

  test('whose messages nobody traces ends the run', async () => {
    const scenario = commandScenario('messages', { UNTRACED: '1' });
    const error = await failureOf({ ...scenario, load: { ...scenario.load, timeoutSeconds: 3 } });
    expect(error.code).toBe('no-roots');
    expect(error.message).toMatch(/reports \d+ messages, and no SERVER or CONSUMER span of theirs reached/);
  });
});

test('a consumer that links to a request of the load is an operation of its own', async () => {
  const { scenario } = togetherOptions(bench, {}).head;
  const measurement = await measured({
    ...scenario,
    services: [
      started('queue'),
      started('api', { directory: join(import.meta.dirname, 'fixtures') }),
      worker(),
    ],
    load: exampleLoad({ model: 'closed', service: 'api', connections: 1, seed: 1 }),
  });
  const { operations, outsideRequests } = onlyInstance(measurement);
  const consumed = operations['process orders'];
  expect(consumed?.requests).toBeGreaterThan(10);
  expect(consumed?.spans[PROCESS]?.calls).toBe(consumed?.requests);
  expect(consumed?.latency?.p50).toBeGreaterThan(0.0005);
  expect(Object.keys(outsideRequests)).toEqual([]);
  expect(measurement.merged['process orders']?.spans[PROCESS]?.duration.count).toBe(consumed?.requests);
});
