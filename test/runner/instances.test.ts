import { expect, test } from 'vitest';
import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Scenario } from '../../src/config.ts';
import { startDependencies } from '../../src/runner/dependency.ts';
import { InstanceSet, startInstances } from '../../src/runner/instances.ts';
import { livingOf, openBench, ports, service } from './process-bench.ts';

/** Twelve days: a start that waits for that is one that waits for ever, and the test does. */
const NEVER_SECONDS = 1_000_000;

test('an instance that fails to start ends the starts of the others, and the run with its own error', async () => {
  await using bench = openBench();
  const { registry, directory } = bench;
  const inherited = process.env;
  await using dependencies = await startDependencies({
    ...{ dependencies: [], instances: 2, registry, ports, inherited, logDirectory: directory },
  });
  await using instances = new InstanceSet();
  const plans = ['node silent.mjs', 'exit 7'].map((start, index) => ({
    index,
    scenario: scenarioOf(start),
    logDirectory: directory,
  }));
  const started = startInstances(
    { plans, index: 0, seed: 1, directory, registry, ports, dependencies, inherited },
    instances,
  );
  await expect(started).rejects.toMatchObject({ code: 'service-exited' });
  expect(livingOf(registry.runId)).toEqual([]);
});

function scenarioOf(start: string): Scenario {
  const services = [service(start, { startTimeoutSeconds: NEVER_SECONDS })];
  // What starting instances looks at.
  const seen: Pick<Scenario, 'services' | 'policy'> = { services, policy: defaultPolicy('standard') };
  return seen as Scenario;
}
