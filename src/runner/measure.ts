/** A whole run: dependencies, then N rounds of fresh instances, folded into one Measurement. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../config.ts';
import type { Commit, Measurement, Warning } from '../measurement.ts';
import { SharedReceivers } from '../telemetry/otlp/shared-receivers.ts';
import { startDependencies } from './dependency.ts';
import { createPortPool, portRandom } from './free-port.ts';
import { isDiskFull } from './full-disk.ts';
import { signalsOf } from './instance-telemetry.ts';
import { instrumented } from './instrument/instrumented.ts';
import { assertGrpcCalls } from './load/grpc-methods.ts';
import { withInFlight } from './load/model-load.ts';
import { createWorkload } from './load/workload.ts';
import { coresToUse, readMachine } from './machine.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { assertMeasurable, losesSpans } from './quality.ts';
import { measureRound, type RoundResult } from './round.ts';
import type { SpanTaker } from './round-options.ts';
import type { RunProgress } from './run-progress.ts';
import { RunRecord } from './run-record.ts';
import { runningWarnings } from './running-services.ts';
import { setUpServices } from './set-up.ts';

export interface MeasureOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Environment of spangate; what must not reach the services is taken out. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly registry: ProcessRegistry;
  /** Folder for logs and recordings; it exists. */
  readonly directory: string;
  /** False where the services were set up by an earlier run of the same session. */
  readonly setUp: boolean;
  readonly progress: RunProgress;
  readonly now: () => Date;
  readonly commit: Commit | null;
  /** Name and version of this program. */
  readonly tool: string;
  /** Called with what there is so far after every round, so that finished rounds are never lost. */
  readonly onRound?: (soFar: Measurement) => Promise<void>;
  readonly onSpans?: SpanTaker | undefined;
}

/**
 * @throws UserError when a service, its telemetry, a dependency or the load fails; the reason of the registry's
 *   signal when it is aborted
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { progress, registry } = options;
  const workload = createWorkload(options.scenario.load, { readFile: readFileSync });
  await assertGrpcCalls(workload);
  const ports = createPortPool(portRandom(options.seed, registry));
  progress.phase('setting up');
  if (options.setUp) await setUpServices({ ...options, logDirectory: options.directory });
  const ready = await instrumented({ ...options, logDirectory: options.directory });
  await using dependencies = await startDependencies({
    dependencies: options.scenario.dependencies,
    instances: options.scenario.rounds.instances,
    registry,
    ports,
    inherited: options.inherited,
    logDirectory: options.directory,
  });
  await using receivers = await SharedReceivers.open(options.scenario.receivers, signalsOf(options.scenario));
  const scenario = {
    ...ready,
    load: withInFlight(options.scenario.load, coresToUse(readMachine(options.inherited))),
  };
  const { count, instances, durationSeconds } = scenario.rounds;
  // Two builds are best told apart by the interleaved load; a stored baseline keeps to the one that it began with.
  const model = scenario.load.model === 'auto' ? 'closed' : scenario.load.model;
  const record = new RunRecord({
    ...options,
    scenario,
    createdAt: options.now(),
    workload,
    model,
    durationSeconds,
  });
  for (const warning of runningWarnings(scenario, 'round')) record.warn(warning);
  const budget = new Budget(scenario);
  for (let index = 0; index < count; index += 1) {
    if (budget.isUsedUp(index)) {
      record.warn(budgetWarning(scenario, index));
      break;
    }
    progress.round(index + 1, count);
    const directory = join(options.directory, `round-${index + 1}`);
    const finished = await measureRound({
      scenario,
      plans: Array.from({ length: instances }, (_, each) => ({
        index: each,
        scenario,
        logDirectory: directory,
      })),
      workload,
      model,
      durationSeconds,
      index,
      seed: options.seed,
      directory,
      registry,
      ports,
      dependencies,
      ...(receivers && { receivers }),
      inherited: options.inherited,
      progress,
      now: options.now,
      onSpans: options.onSpans,
      remainingSeconds: (measured) => budget.remainingSeconds(index, measured),
    });
    const fullFolder = losesSpans(finished) && isDiskFull(options.directory) ? options.directory : null;
    assertMeasurable(scenario, finished, fullFolder);
    record.add(finished, fullFolder);
    progress.step(
      `${scenario.name}: round ${index + 1}/${count} done, ${requestsOf(finished)} requests in ${finished.round.measuredSeconds.toFixed(1)} s`,
    );
    const isLast = index + 1 === count;
    await options.onRound?.(record.measurement(isLast ? [] : [unfinished(scenario, index + 1)]));
  }
  for (const warning of await dependencies.stop()) record.warn(warning);
  return record.measurement();
}

/** Wall time of the run. */
class Budget {
  readonly #rounds: Scenario['rounds'];
  readonly #began = performance.now();

  constructor({ rounds }: Scenario) {
    this.#rounds = rounds;
  }

  /** Whether another round like those before would end after the budget; the first is always run. */
  isUsedUp(done: number): boolean {
    const elapsed = this.#elapsedSeconds();
    return done > 0 && elapsed + elapsed / done > this.#rounds.budgetSeconds;
  }

  /** @param measured seconds of the round after those that are done */
  remainingSeconds(done: number, measured: number): number {
    const { count, durationSeconds } = this.#rounds;
    const perRound = done === 0 ? durationSeconds + 5 : this.#elapsedSeconds() / done;
    return Math.max(0, perRound * (count - done - 1) + durationSeconds - measured);
  }

  #elapsedSeconds(): number {
    return (performance.now() - this.#began) / 1000;
  }
}

function requestsOf({ round }: RoundResult): number {
  return round.instances.reduce((sum, each) => sum + each.quality.requestsCompleted, 0);
}

function budgetWarning(scenario: Scenario, rounds: number): Warning {
  const { budgetSeconds, count } = scenario.rounds;
  return {
    code: 'budget-used-up',
    message: `Only ${rounds} of ${count} rounds of ${scenario.name} were measured: another would not end within the budget of ${budgetSeconds} s. Raise "budget" under "rounds", or ask for fewer or shorter rounds.`,
  };
}

function unfinished(scenario: Scenario, rounds: number): Warning {
  return {
    code: 'unfinished',
    message: `The run was not finished: ${rounds} of ${scenario.rounds.count} rounds of ${scenario.name} are here.`,
  };
}
