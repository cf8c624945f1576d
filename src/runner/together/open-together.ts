/** Opens a run of two builds on one machine at the same time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadModel, Scenario } from '../../config.ts';
import type { Arm, ArmPair, Measurement, Warning } from '../../measurement.ts';
import { deriveSeed, seededRandom } from '../../random.ts';
import { type RunningDependencies, startArmDependencies } from '../dependency.ts';
import { createPortPool, type PortPool } from '../free-port.ts';
import { isDiskFull } from '../full-disk.ts';
import { type InstancePlan, type RunningInstance, urlOf } from '../instances.ts';
import { createWorkload, type Workload } from '../load/workload.ts';
import { startConditions } from '../machine.ts';
import { ofArm } from '../of-arm.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import { assertMeasurable, losesSpans } from '../quality.ts';
import { measureRound, type RoundResult } from '../round.ts';
import { type RoundOptions, runTagOf } from '../round-options.ts';
import type { RunProgress } from '../run-progress.ts';
import { RunRecord } from '../run-record.ts';
import { ofOneArm } from './arm-split.ts';
import { type ConcurrencyProbeResult, runConcurrencyProbe } from './concurrency-probe.ts';
import { probeOfArm, probeRound } from './probe-round.ts';
import { armsByPosition } from './round-layout.ts';
import type { ArmSource, RoundPlan, Stage, TogetherRun } from './together-run.ts';

export interface TogetherOptions {
  /** Set up already; both scenarios have the same load, rounds, dependencies by name, and names of services. */
  readonly base: ArmSource;
  readonly head: ArmSource;
  /** Decides all that is drawn: which position is which arm, the order of starts, ports, the order of requests. */
  readonly seed: number;
  /** Environment of spangate; what must not reach the services is taken out. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly registry: ProcessRegistry;
  /** Folder for logs and recordings; it exists. */
  readonly directory: string;
  readonly progress: RunProgress;
  readonly now: () => Date;
  /** Name and version of this program. */
  readonly tool: string;
  /** Called after every round with its stage so far, so that finished rounds are never lost. */
  readonly onRound?: (stage: Stage, soFar: ArmPair<Measurement>) => Promise<void>;
  /**
   * Variables for all services of one arm, such as those of an injected change, over those of the configuration. The
   * environment of the other arm is filled up to the same size.
   */
  readonly env?: Partial<ArmPair<Readonly<Record<string, string>>>>;
}

/** Any numbers that no other part of a run has. */
const PORT_SEED = 0x9047;
const DEPENDENCY_SEED = 0xdeb5;
const PROBE_SEED = 0x960b;

const ARMS: readonly Arm[] = ['base', 'head'];

/**
 * Starts the dependencies of both arms; no service yet.
 *
 * @throws UserError as `startArmDependencies`, or where the load cannot be made; nothing runs then
 */
export async function openTogether(options: TogetherOptions): Promise<TogetherRun> {
  const { base, head, seed } = options;
  const { scenario } = head;
  const { load } = scenario;
  const workload = createWorkload(load, { readFile: readFileSync });
  const ports = createPortPool(seededRandom(deriveSeed(seed, PORT_SEED)));
  const instances = scenario.rounds.together.instances === 'auto' ? 4 : scenario.rounds.together.instances;
  const dependencies = await startArmDependencies({
    arms: { base: base.scenario.dependencies, head: scenario.dependencies },
    instances: 2 * instances,
    hasWrites: load.requests.some(({ writes }) => writes),
    seed: deriveSeed(seed, DEPENDENCY_SEED),
    registry: options.registry,
    ports,
    inherited: options.inherited,
    logDirectory: options.directory,
  });
  return new Run({ options, workload, ports, dependencies, instances });
}

interface RunParts {
  readonly options: TogetherOptions;
  readonly workload: Workload;
  readonly ports: PortPool;
  readonly dependencies: RunningDependencies;
  readonly instances: number;
}

class Run implements TogetherRun {
  readonly instances: number;
  readonly exchangeable: TogetherRun['exchangeable'];
  readonly #options: TogetherOptions;
  readonly #parts: RunParts;
  readonly #scenario: Scenario;
  readonly #model: Exclude<LoadModel, 'auto'>;
  readonly #stages = new Map<Stage, ArmPair<RunRecord>>();
  readonly #warnings: Warning[] = [];
  #rounds = 0;
  #began: number | null = null;

  constructor(parts: RunParts) {
    const { scenario } = parts.options.head;
    this.#parts = parts;
    this.#options = parts.options;
    this.#scenario = scenario;
    this.#model = scenario.load.model === 'auto' ? 'interleaved' : scenario.load.model;
    this.instances = parts.instances;
    this.exchangeable = scenario.dependencies.some(({ scope }) => scope === 'per-arm') ? 'arms' : 'instances';
  }

  get warnings(): readonly Warning[] {
    return [...this.#parts.dependencies.warnings, ...this.#warnings];
  }

  elapsedSeconds(): number {
    return this.#began === null ? 0 : (performance.now() - this.#began) / 1000;
  }

  measurements(stage: Stage): ArmPair<Measurement> | null {
    const records = this.#stages.get(stage);
    if (!records) return null;
    return { base: records.base.measurement(), head: records.head.measurement() };
  }

  async measureRound({ stage, probe: withProbe }: RoundPlan): Promise<void> {
    this.#began ??= performance.now();
    const index = this.#rounds;
    const arms = armsByPosition(this.#options.seed, index, this.instances);
    const options = this.#roundOptions(arms, index);
    let probed: Probed | null = null;
    const afterLoad: RoundOptions['afterLoad'] = async (instances, signal) => {
      probed = await this.#probe(options, instances, signal);
    };
    const finished = await measureRound(withProbe ? { ...options, afterLoad } : options);
    this.#rounds += 1;
    const records = this.#stageRecords(stage);
    for (const arm of ARMS) this.#addRound(records[arm], ofOneArm(finished, arms, arm), arm);
    if (probed) this.#addProbe(records, finished, { ...(probed as Probed), arms, index });
    this.#options.progress.step(this.#summary(stage, records, finished));
    const soFar = this.measurements(stage);
    if (soFar) await this.#options.onRound?.(stage, soFar);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.dependencies[Symbol.asyncDispose]();
  }

  #roundOptions(arms: readonly Arm[], index: number): RoundOptions {
    const { options, workload, ports, dependencies } = this.#parts;
    const { seed, registry, inherited, progress, now } = options;
    const { durationSeconds } = this.#scenario.rounds.together;
    const directory = join(options.directory, `round-${index + 1}`);
    return {
      scenario: this.#scenario,
      plans: arms.map((arm, position): InstancePlan => {
        const variables = options.env?.[arm];
        return {
          index: position,
          scenario: options[arm].scenario,
          // Both names have four letters.
          logDirectory: join(directory, arm),
          arm,
          ...(variables && { variables }),
        };
      }),
      workload,
      model: this.#model,
      durationSeconds,
      ...{ index, seed, directory, registry, ports, dependencies, inherited, progress, now },
      remainingSeconds: (measured) => Math.max(0, durationSeconds - measured),
    };
  }

  async #probe(
    options: RoundOptions,
    instances: readonly RunningInstance[],
    signal: AbortSignal,
  ): Promise<Probed | null> {
    const plan = this.#scenario.rounds.together.probe;
    if (plan === null) return null;
    const startedAt = options.now().toISOString();
    const conditions = startConditions();
    const probe = await runConcurrencyProbe({
      load: this.#scenario.load,
      workload: options.workload,
      targets: instances.map((instance) => ({
        instance: instance.index,
        url: urlOf(instance),
        arm: instance.plan.arm ?? 'head',
      })),
      runTag: runTagOf(options),
      seed: deriveSeed(options.seed, PROBE_SEED, options.index),
      ...plan,
      signal,
    });
    return { probe, machine: conditions(), startedAt };
  }

  #addRound(record: RunRecord, finished: RoundResult, arm: Arm): void {
    const { directory } = this.#options;
    const fullFolder = losesSpans(finished) && isDiskFull(directory) ? directory : null;
    try {
      assertMeasurable(this.#scenario, finished, fullFolder);
    } catch (error) {
      throw ofArm(error, arm);
    }
    record.add(finished, fullFolder);
  }

  #addProbe(
    records: ArmPair<RunRecord>,
    finished: RoundResult,
    {
      probe,
      machine,
      startedAt,
      arms,
      index,
    }: Probed & { readonly arms: readonly Arm[]; readonly index: number },
  ): void {
    const { seed } = this.#options;
    const operations = this.#scenario.load.requests.map((request) => request.name);
    const round = probeRound({
      ...{ finished, probe, machine, startedAt, operations },
      runTag: runTagOf({ seed, index }),
    });
    for (const arm of ARMS) {
      records[arm].addProbe(probeOfArm(round, arms, arm));
      for (const warning of probe.warnings) records[arm].warn(warning);
    }
  }

  #stageRecords(stage: Stage): ArmPair<RunRecord> {
    const known = this.#stages.get(stage);
    if (known) return known;
    const { seed, inherited, tool, now } = this.#options;
    const createdAt = now();
    const { durationSeconds } = this.#scenario.rounds.together;
    const recordOf = (arm: Arm): RunRecord =>
      new RunRecord({
        scenario: this.#scenario,
        workload: this.#parts.workload,
        model: this.#model,
        seed: deriveSeed(seed, stage === 'screen' ? 0 : 1),
        commit: this.#options[arm].commit,
        ...{ durationSeconds, inherited, createdAt, tool, arm },
      });
    const records = { base: recordOf('base'), head: recordOf('head') };
    this.#stages.set(stage, records);
    return records;
  }

  #summary(stage: Stage, { head }: ArmPair<RunRecord>, { round }: RoundResult): string {
    const requests = round.instances.reduce((sum, each) => sum + each.quality.requestsCompleted, 0);
    const invalid = round.invalid ? `, not to be used: ${round.invalid.message}` : '';
    return `${this.#scenario.name}: ${stage} round ${head.rounds} done, ${requests} requests in ${round.measuredSeconds.toFixed(1)} s${invalid}`;
  }
}

interface Probed {
  readonly probe: ConcurrencyProbeResult;
  /** Of the machine, meanwhile. */
  readonly machine: ReturnType<ReturnType<typeof startConditions>>;
  readonly startedAt: string;
}
