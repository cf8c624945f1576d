/** Two builds of a small service, which differ by their variables, to be varied by the tests. */
import { join } from 'node:path';
import { defaultPolicy } from '../../../src/config/defaults.ts';
import type { Load, Scenario, TogetherRounds } from '../../../src/config.ts';
import type { Arm } from '../../../src/measurement.ts';
import type { TogetherOptions } from '../../../src/runner/together/open-together.ts';
import type { ArmSource } from '../../../src/runner/together/together-run.ts';
import { exampleLoad } from '../load/example-load.ts';
import { type Bench, service } from '../process-bench.ts';

export interface ExampleArm {
  readonly env?: Readonly<Record<string, string>>;
  readonly start?: string;
}

export interface ExampleCase {
  readonly base?: ExampleArm;
  readonly head?: ExampleArm;
  readonly load?: Partial<Load>;
  /** Short, as the subject is what is counted, not the figures. */
  readonly together?: Partial<TogetherRounds>;
}

export function togetherOptions(bench: Bench, each: ExampleCase): TogetherOptions {
  return {
    base: sourceOf('base', each),
    head: sourceOf('head', each),
    seed: 11,
    inherited: process.env,
    registry: bench.registry,
    directory: bench.directory,
    progress: { step: () => {}, round: () => {}, phase: () => {}, live: () => {} },
    now: () => new Date(),
    tool: 'spangate test',
  };
}

function sourceOf(arm: Arm, each: ExampleCase): ArmSource {
  return {
    arm,
    scenario: scenarioOf(each[arm] ?? {}, each),
    commit: { sha: arm === 'base' ? 'b'.repeat(40) : 'c'.repeat(40), branch: null, dirty: false },
  };
}

function scenarioOf({ env = {}, start = 'node service.mjs' }: ExampleArm, each: ExampleCase): Scenario {
  return {
    name: 'example',
    services: [service(start, { directory: join(import.meta.dirname, 'fixtures'), env })],
    dependencies: [],
    load: exampleLoad({ model: 'auto', ...each.load }),
    rounds: {
      count: 1,
      instances: 1,
      durationSeconds: 1,
      warmUp: { kind: 'fixed', seconds: 0.2 },
      budgetSeconds: 60,
      together: {
        instances: 2,
        screen: 1,
        confirm: 1,
        atMost: 2,
        durationSeconds: 0.5,
        budgetSeconds: 60,
        probe: { connections: 3, slotSeconds: 0.2 },
        ...each.together,
      },
    },
    policy: defaultPolicy('standard'),
    baseline: { kind: 'file', path: '/nowhere.json', maxAgeSeconds: 1, history: 0 },
  };
}
