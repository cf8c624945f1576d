/** A whole run: dependencies, then N rounds of fresh instances, folded into one Measurement. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from '../config.ts';
import type { Commit, Environment, Measurement, Round, Warning } from '../measurement.ts';
import { MEASUREMENT_SCHEMA_VERSION } from '../measurement.ts';
import { deriveSeed, seededRandom } from '../random.ts';
import { startDependencies } from './dependency.ts';
import { createPortPool } from './free-port.ts';
import { isDiskFull } from './full-disk.ts';
import { createWorkload, type Workload } from './load/workload.ts';
import { workloadHash } from './load/workload-hash.ts';
import { readMachine } from './machine.ts';
import { type InstanceResult, mergeOperations } from './merged-operations.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { assertMeasurable, losesSpans, qualityWarnings } from './quality.ts';
import { measureRound, type RoundResult } from './round.ts';
import type { RunProgress } from './run-progress.ts';
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
}

/**
 * @throws UserError when a service, its telemetry, a dependency or the load fails; the reason of the registry's
 *   signal when it is aborted
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { scenario, progress, registry } = options;
  const workload = createWorkload(scenario.load, { readFile: readFileSync });
  const ports = createPortPool(seededRandom(deriveSeed(options.seed, options.now().getTime())));
  progress.phase('setting up');
  if (options.setUp) await setUpServices({ ...options, logDirectory: options.directory });
  await using dependencies = await startDependencies({
    dependencies: scenario.dependencies,
    instances: scenario.rounds.instances,
    registry,
    ports,
    inherited: options.inherited,
    logDirectory: options.directory,
  });
  const run = new Run(options, workload);
  for (let index = 0; index < scenario.rounds.count; index += 1) {
    if (run.isOverBudget()) break;
    progress.round(index + 1, scenario.rounds.count);
    const finished = await measureRound({
      scenario,
      workload,
      index,
      seed: options.seed,
      directory: join(options.directory, `round-${index + 1}`),
      registry,
      ports,
      dependencies,
      inherited: options.inherited,
      progress,
      now: options.now,
      remainingSeconds: (measured) => run.remainingSeconds(measured),
    });
    const fullFolder = losesSpans(finished) && isDiskFull(options.directory) ? options.directory : null;
    assertMeasurable(scenario, finished, fullFolder);
    run.add(finished, fullFolder);
    await options.onRound?.(run.measurement(index + 1 < scenario.rounds.count));
  }
  return run.measurement(false);
}

/** What the rounds of a run add up to. */
class Run {
  readonly #options: MeasureOptions;
  readonly #workload: Workload;
  readonly #began = performance.now();
  readonly #rounds: Round[] = [];
  readonly #results: InstanceResult[] = [];
  readonly #warnings = new Map<string, Warning>();
  #environment: Environment;
  readonly #createdAt: string;

  constructor(options: MeasureOptions, workload: Workload) {
    this.#options = options;
    this.#workload = workload;
    this.#environment = readMachine(options.inherited);
    this.#createdAt = options.now().toISOString();
  }

  add(finished: RoundResult, fullFolder: string | null): void {
    const { scenario, progress } = this.#options;
    this.#rounds.push(finished.round);
    if (!finished.round.invalid) this.#results.push(...finished.results);
    for (const warning of [...finished.warnings, ...qualityWarnings(scenario, finished, fullFolder)]) {
      // The same sentence for every round would bury the others.
      if (!this.#warnings.has(warning.code)) this.#warnings.set(warning.code, warning);
    }
    const details = finished.recordings
      .flatMap((recording) => recording.processes)
      .find((process) => process.details)?.details;
    this.#environment = {
      ...this.#environment,
      serviceRuntime: details?.runtime ?? this.#environment.serviceRuntime,
      openTelemetry: details?.openTelemetry ?? this.#environment.openTelemetry,
    };
    const requests = finished.round.instances.reduce((sum, each) => sum + each.quality.requestsCompleted, 0);
    progress.step(
      `${scenario.name}: round ${this.#rounds.length}/${scenario.rounds.count} done, ${requests} requests in ${finished.round.measuredSeconds.toFixed(1)} s`,
    );
  }

  /** Whether another round like those before would end after the budget; the first is always run. */
  isOverBudget(): boolean {
    const rounds = this.#rounds.length;
    if (rounds === 0) return false;
    const elapsed = (performance.now() - this.#began) / 1000;
    const isOver = elapsed + elapsed / rounds > this.#options.scenario.rounds.budgetSeconds;
    if (isOver) this.#warnings.set('budget-used-up', budgetWarning(this.#options.scenario, rounds));
    return isOver;
  }

  remainingSeconds(measured: number): number {
    const { count, durationSeconds } = this.#options.scenario.rounds;
    const elapsed = (performance.now() - this.#began) / 1000;
    const rounds = this.#rounds.length;
    const perRound = rounds === 0 ? durationSeconds + 5 : elapsed / rounds;
    return Math.max(0, perRound * (count - rounds - 1) + durationSeconds - measured);
  }

  measurement(isUnfinished: boolean): Measurement {
    const { scenario, tool, commit, seed } = this.#options;
    const warnings = [...this.#warnings.values()];
    if (isUnfinished) warnings.push(unfinished(scenario, this.#rounds.length));
    const isDegraded = isUnfinished || warnings.some((warning) => DEGRADING.has(warning.code));
    return {
      schemaVersion: MEASUREMENT_SCHEMA_VERSION,
      tool,
      id: `${this.#createdAt.replace(/[^0-9]/g, '')}-${deriveSeed(seed, Date.parse(this.#createdAt)).toString(16)}`,
      scenario: scenario.name,
      createdAt: this.#createdAt,
      commit,
      detail: 'full',
      status: this.#results.length === 0 ? 'failed' : isDegraded ? 'degraded' : 'complete',
      workload: {
        hash: workloadHash(this.#workload, scenario.rounds),
        seed: scenario.load.seed,
        model: scenario.load.model === 'auto' ? 'closed' : scenario.load.model,
        connections: scenario.load.connections,
        durationSeconds: scenario.rounds.durationSeconds,
        requests: this.#workload.load.requests.map(({ name, weight, writes }) => ({ name, weight, writes })),
      },
      environment: this.#environment,
      rounds: this.#rounds,
      merged: mergeOperations(this.#results),
      warnings,
    };
  }
}

/** Warnings after which a measurement must not become a baseline. */
const DEGRADING: ReadonlySet<string> = new Set([
  'spans-missing',
  'spans-dropped',
  'disk-full',
  'unexpected-answers',
  'round-invalid',
  'budget-used-up',
]);

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
