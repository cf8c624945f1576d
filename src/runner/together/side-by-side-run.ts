/** A run of two builds: its dependencies run, and its rounds are measured one after another. */
import { join } from 'node:path';
import type { LoadModel, Scenario } from '../../config.ts';
import type { Arm, ArmPair, Measurement, Warning } from '../../measurement.ts';
import { deriveSeed } from '../../random.ts';
import type { SharedReceivers } from '../../telemetry/otlp/shared-receivers.ts';
import type { RunningDependencies } from '../dependency.ts';
import type { PortPool } from '../free-port.ts';
import { type RunningInstance, urlOf } from '../instances.ts';
import { withInFlight } from '../load/model-load.ts';
import type { Workload } from '../load/workload.ts';
import { coresToUse, readMachine, startConditions } from '../machine.ts';
import { measureRound, type RoundResult } from '../round.ts';
import { type RoundOptions, runTagOf } from '../round-options.ts';
import { plansOf } from './arm-plans.ts';
import { runConcurrencyProbe } from './concurrency-probe.ts';
import type { TogetherOptions } from './open-together.ts';
import type { ProbedRound } from './probe-round.ts';
import { armsByPosition } from './round-layout.ts';
import { StageRecords } from './stage-records.ts';
import type { RoundPlan, Stage, TogetherRun } from './together-run.ts';

export interface SideBySideRunParts {
  readonly options: TogetherOptions;
  readonly workload: Workload;
  readonly ports: PortPool;
  /** Run, and end with the run. */
  readonly dependencies: RunningDependencies;
  /** Null where no service sends to a fixed address; ends with the run. */
  readonly receivers: SharedReceivers | null;
  readonly instances: number;
  /** Of that number. */
  readonly warnings: readonly Warning[];
}

/** Any number that no other part of a run has. */
const PROBE_SEED = 0x960b;

export class SideBySideRun implements TogetherRun {
  readonly instances: number;
  readonly exchangeable: TogetherRun['exchangeable'];
  readonly #options: TogetherOptions;
  readonly #parts: SideBySideRunParts;
  readonly #scenario: Scenario;
  readonly #model: Exclude<LoadModel, 'auto'>;
  readonly #stages = new Map<Stage, StageRecords>();
  #rounds = 0;
  #began: number | null = null;

  constructor(parts: SideBySideRunParts) {
    const { options, instances } = parts;
    const { scenario } = options.head;
    this.#parts = parts;
    this.#options = options;
    const cores = coresToUse(readMachine(options.inherited));
    this.#scenario = { ...scenario, load: withInFlight(scenario.load, cores) };
    this.#model = scenario.load.model === 'auto' ? 'interleaved' : scenario.load.model;
    this.instances = instances;
    this.exchangeable = scenario.dependencies.some(({ scope }) => scope === 'per-arm') ? 'arms' : 'instances';
  }

  get warnings(): readonly Warning[] {
    return [...this.#parts.dependencies.warnings, ...this.#parts.warnings];
  }

  elapsedSeconds(): number {
    return this.#began === null ? 0 : (performance.now() - this.#began) / 1000;
  }

  measurements(stage: Stage): ArmPair<Measurement> | null {
    return this.#stages.get(stage)?.measurements() ?? null;
  }

  async measureRound({ stage, probe: withProbe }: RoundPlan): Promise<void> {
    this.#began ??= performance.now();
    const index = this.#rounds;
    const { screen, atMost } = this.#scenario.rounds.together;
    this.#options.progress.round(index + 1, index < screen ? screen : Math.max(atMost, index + 1));
    const arms = armsByPosition(this.#options.seed, index, this.instances);
    const options = this.#roundOptions(arms, index);
    const probes: Omit<ProbedRound, 'finished'>[] = [];
    const finished = await measureRound({
      ...options,
      ...(withProbe && {
        afterLoad: async (instances, signal) => {
          probes.push(...(await this.#probe(options, instances, signal)));
        },
      }),
    });
    this.#rounds += 1;
    const records = this.#recordsOf(stage);
    records.add(finished, arms);
    for (const probe of probes) records.addProbe({ ...probe, finished }, arms);
    this.#options.progress.step(this.#summary(stage, records, finished));
    await this.#options.onRound?.(stage, records.measurements());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.receivers?.[Symbol.asyncDispose]();
    await this.#parts.dependencies[Symbol.asyncDispose]();
  }

  #roundOptions(arms: readonly Arm[], index: number): RoundOptions {
    const { options, workload, ports, dependencies, receivers } = this.#parts;
    const { seed, registry, inherited, progress, now, onSpans } = options;
    const { durationSeconds } = this.#scenario.rounds.together;
    const directory = join(options.directory, `round-${index + 1}`);
    return {
      scenario: this.#scenario,
      plans: plansOf(options, arms, directory),
      workload,
      model: this.#model,
      durationSeconds,
      ...(receivers && { receivers }),
      ...{ index, seed, directory, registry, ports, dependencies, inherited, progress, now, onSpans },
      remainingSeconds: (measured) => Math.max(0, durationSeconds - measured),
    };
  }

  /** @returns one, or none where the configuration wants none */
  async #probe(
    options: RoundOptions,
    instances: readonly RunningInstance[],
    signal: AbortSignal,
  ): Promise<readonly Omit<ProbedRound, 'finished'>[]> {
    const { load, rounds } = this.#scenario;
    if (rounds.together.probe === null) return [];
    options.progress.phase('probing');
    const startedAt = options.now().toISOString();
    const runTag = runTagOf(options);
    const machine = startConditions();
    const probe = await runConcurrencyProbe({
      load,
      workload: options.workload,
      targets: instances.map((instance) => ({
        instance: instance.index,
        url: urlOf(instance),
        arm: instance.plan.arm ?? 'head',
      })),
      runTag,
      seed: deriveSeed(options.seed, PROBE_SEED, options.index),
      ...rounds.together.probe,
      signal,
    });
    const operations = load.requests.map((request) => request.name);
    return [{ probe, machine: machine(), startedAt, runTag, operations }];
  }

  #recordsOf(stage: Stage): StageRecords {
    const known = this.#stages.get(stage);
    if (known) return known;
    const { base, head, seed, inherited, tool, now, directory } = this.#options;
    const records = new StageRecords({
      scenario: this.#scenario,
      workload: this.#parts.workload,
      model: this.#model,
      durationSeconds: this.#scenario.rounds.together.durationSeconds,
      seed: deriveSeed(seed, stage === 'screen' ? 0 : 1),
      createdAt: now(),
      sources: { base, head },
      ...{ inherited, tool, directory },
    });
    this.#stages.set(stage, records);
    return records;
  }

  #summary(stage: Stage, { rounds }: StageRecords, { round }: RoundResult): string {
    const requests = round.instances.reduce((sum, each) => sum + each.quality.requestsCompleted, 0);
    const invalid = round.invalid ? `, not to be used: ${round.invalid.message}` : '';
    return `${this.#scenario.name}: ${stage} round ${rounds} done, ${requests} requests in ${round.measuredSeconds.toFixed(1)} s${invalid}`;
  }
}
