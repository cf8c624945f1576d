/** Folds the rounds of one build into one Measurement. */
import type { Scenario } from '../config.ts';
import {
  type Arm,
  type Commit,
  type Environment,
  MEASUREMENT_SCHEMA_VERSION,
  type Measurement,
  type Round,
  type Warning,
  type WorkloadSummary,
} from '../measurement.ts';
import { deriveSeed } from '../random.ts';
import { chooseExemplars } from './chosen-exemplars.ts';
import type { LoadResult } from './load/load-result.ts';
import type { Workload } from './load/workload.ts';
import { workloadHash } from './load/workload-hash.ts';
import { readMachine } from './machine.ts';
import { type InstanceResult, mergeOperations } from './merged-operations.ts';
import { qualityWarnings } from './quality.ts';
import type { RoundResult } from './round.ts';

export interface RunRecordOptions {
  readonly scenario: Scenario;
  readonly workload: Workload;
  readonly model: WorkloadSummary['model'];
  /** Of the measured stretch of a round. */
  readonly durationSeconds: number;
  readonly seed: number;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly createdAt: Date;
  readonly commit: Commit | null;
  readonly tool: string;
  /** Which of two builds measured together it is. */
  readonly arm?: Arm;
}

/** Warnings after which a measurement must not become a baseline. */
const DEGRADING: ReadonlySet<string> = new Set([
  'spans-missing',
  'spans-dropped',
  'disk-full',
  'logs-dropped',
  'unexpected-answers',
  'round-invalid',
  'budget-used-up',
  'unfinished',
]);

export class RunRecord {
  readonly #options: RunRecordOptions;
  readonly #rounds: Round[] = [];
  readonly #probes: Round[] = [];
  readonly #results: InstanceResult[] = [];
  readonly #warnings = new Map<string, Warning>();
  #environment: Environment;
  #driver: LoadResult['driver'] | null = null;
  /** Until something is added: merging all instances takes a while, and it is asked for often. */
  #merged: Measurement['merged'] | null = null;

  constructor(options: RunRecordOptions) {
    this.#options = options;
    this.#environment = readMachine(options.inherited);
  }

  /** Of how many rounds it is made, those that are invalid too. */
  get rounds(): number {
    return this.#rounds.length;
  }

  /** @param fullFolder the folder of the recordings where its disk is full */
  add(finished: RoundResult, fullFolder: string | null): void {
    const { round, results, warnings, instanceWarnings, recordings } = finished;
    this.#rounds.push(round);
    this.#driver = finished.load.driver;
    if (!round.invalid) this.#results.push(...results);
    this.#merged = null;
    const quality = qualityWarnings(this.#options.scenario, finished, fullFolder);
    for (const warning of [...warnings, ...[...instanceWarnings.values()].flat(), ...quality]) {
      this.warn(warning);
    }
    const details = recordings
      .flatMap((recording) => recording.processes)
      .find((process) => process.details)?.details;
    this.#environment = {
      ...this.#environment,
      serviceRuntime: details?.runtime ?? this.#environment.serviceRuntime,
      openTelemetry: details?.openTelemetry ?? this.#environment.openTelemetry,
    };
  }

  /** @param probe the instances of a round that was added, under several connections each */
  addProbe(probe: Round): void {
    this.#probes.push(probe);
  }

  /** The same sentence for every round would bury the others: the first of each code stays. */
  warn(warning: Warning): void {
    if (!this.#warnings.has(warning.code)) this.#warnings.set(warning.code, warning);
  }

  /** @param more warnings of the moment, which are not kept */
  measurement(more: readonly Warning[] = []): Measurement {
    const { scenario, tool, commit, seed, arm } = this.#options;
    const createdAt = this.#options.createdAt.toISOString();
    const warnings = [...this.#warnings.values(), ...more];
    const isDegraded = warnings.some((warning) => DEGRADING.has(warning.code));
    this.#merged ??= mergeOperations(this.#results);
    const exemplars = chooseExemplars(this.#results.flatMap((result) => result.exemplars ?? []));
    const number = deriveSeed(seed, Date.parse(createdAt)).toString(16);
    return {
      schemaVersion: MEASUREMENT_SCHEMA_VERSION,
      tool,
      id: `${createdAt.replace(/[^0-9]/g, '')}-${number}${arm === undefined ? '' : `-${arm}`}`,
      scenario: scenario.name,
      createdAt,
      commit,
      detail: 'full',
      status: this.#results.length === 0 ? 'failed' : isDegraded ? 'degraded' : 'complete',
      workload: this.#workload(),
      environment: this.#environment,
      ...(arm !== undefined && { arm }),
      ...(scenario.splitBy && { splitBy: scenario.splitBy }),
      rounds: [...this.#rounds],
      ...(this.#probes.length > 0 && { probes: [...this.#probes] }),
      merged: this.#merged,
      ...(exemplars.length > 0 && { exemplars }),
      warnings,
    };
  }

  #workload(): WorkloadSummary {
    const { scenario, workload, model, durationSeconds } = this.#options;
    const { inFlight, open } = scenario.load;
    return {
      hash: workloadHash(workload, { durationSeconds, warmUp: scenario.rounds.warmUp }),
      seed: scenario.load.seed,
      model,
      ...(this.#driver && { driver: this.#driver }),
      connections: scenario.load.connections,
      ...(model === 'interleaved' && inFlight !== undefined && { inFlight }),
      ...(model === 'open' && open && { rate: open.rate }),
      durationSeconds,
      requests: workload.load.requests.map(({ name, weight, writes }) => ({ name, weight, writes })),
    };
  }
}
