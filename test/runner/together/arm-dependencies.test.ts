import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dependency } from '../../../src/config.ts';
import type { Measurement } from '../../../src/measurement.ts';
import { openTogether, type TogetherOptions } from '../../../src/runner/together/open-together.ts';
import type { ArmSource, TogetherRun } from '../../../src/runner/together/together-run.ts';
import { type Bench, dependency, livingOf, openBench } from '../process-bench.ts';
import { togetherOptions } from './example-arms.ts';

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** Services that ask `worker` to work for some milliseconds a request. */
function options(
  costs: { readonly base: number; readonly head: number },
  changes: Partial<Dependency>,
): TogetherOptions {
  const start = 'node asks.mjs';
  const env = (cost: number) => ({
    ASKS: 'http://127.0.0.1:${dependencies.worker.port}',
    COST: String(cost),
  });
  const given = togetherOptions(bench, {
    base: { start, env: env(costs.base) },
    head: { start, env: env(costs.head) },
    // So many that some always wait for the worker, however full the machine is.
    load: { inFlight: 12 },
  });
  const worker = dependency({
    name: 'worker',
    start: 'node works.mjs',
    directory: join(import.meta.dirname, 'fixtures'),
    scope: 'shared',
    ...changes,
  });
  const asking = (source: ArmSource): ArmSource => ({
    ...source,
    scenario: { ...source.scenario, dependencies: [worker] },
  });
  return { ...given, base: asking(given.base), head: asking(given.head) };
}

async function measured(run: TogetherRun): Promise<readonly Measurement[]> {
  await run.measureRound({ stage: 'screen', probe: false });
  const pair = run.measurements('screen');
  return pair ? [pair.base, pair.head] : [];
}

const codesOf = (measurements: readonly Measurement[]) =>
  measurements.map(({ warnings }) => warnings.filter(({ code }) => code.startsWith('dependency-')));

describe('a dependency of both arms', () => {
  test('that head saturates is named in the measurements of both', async () => {
    await using run = await openTogether(options({ base: 5, head: 20 }, {}));
    const measurements = await measured(run);
    for (const warnings of codesOf(measurements)) {
      expect(warnings.map(({ code }) => code)).toEqual(['dependency-saturated']);
      expect(warnings[0]?.message).toMatch(
        /^The dependency worker was saturated: it had a thread that was busy \d+ % of the time\./,
      );
    }
    const uses = measurements.map(({ rounds }) => rounds[0]?.conditions.dependencies);
    expect(uses[0]).toEqual(uses[1]);
    expect(uses[0]?.map(({ name }) => name)).toEqual(['worker']);
  });
});

describe('a dependency of each arm', () => {
  test('ties the data to the arm: whole arms trade places, and what saturates it hides nothing', async () => {
    {
      await using run = await openTogether(options({ base: 5, head: 20 }, { scope: 'per-arm' }));
      expect(run.exchangeable).toBe('arms');
      expect(run.warnings.map(({ code }) => code)).toEqual(['dependency-per-arm']);
      const measurements = await measured(run);
      expect(codesOf(measurements)).toEqual([[], []]);
      const uses = measurements[0]?.rounds[0]?.conditions.dependencies ?? [];
      expect(uses.map(({ name, arm }) => `${name} of ${arm}`).sort()).toEqual([
        'worker of base',
        'worker of head',
      ]);
    }
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });
});
