/** Opens a run of two builds on one machine at the same time. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Arm, ArmPair, Measurement } from '../../measurement.ts';
import { deriveSeed } from '../../random.ts';
import { SharedReceivers } from '../../telemetry/otlp/shared-receivers.ts';
import { startArmDependencies } from '../dependency.ts';
import { createPortPool, portRandom } from '../free-port.ts';
import { signalsOf } from '../instance-telemetry.ts';
import { instrumented } from '../instrument/instrumented.ts';
import { assertGrpcCalls } from '../load/grpc-methods.ts';
import { createWorkload } from '../load/workload.ts';
import { coresToUse, readMachine } from '../machine.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import type { SpanTaker } from '../round-options.ts';
import type { RunProgress } from '../run-progress.ts';
import { assertTwoBuilds, runningWarnings } from '../running-services.ts';
import { plansOf } from './arm-plans.ts';
import { instanceCount, MOST_INSTANCES } from './instance-count.ts';
import { armsByPosition } from './round-layout.ts';
import { SideBySideRun, type SideBySideRunParts } from './side-by-side-run.ts';
import type { ArmSource, Stage, TogetherRun } from './together-run.ts';
import { trialStart } from './trial-start.ts';

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
  readonly onSpans?: SpanTaker | undefined;
  /**
   * Variables for all services of one arm, such as those of an injected change, over those of the configuration. The
   * environment of the other arm is filled up to the same size.
   */
  readonly env?: Partial<ArmPair<Readonly<Record<string, string>>>>;
}

/** Any numbers that no other part of a run has. */
const DEPENDENCY_SEED = 0xdeb5;
/** Instead of a round. */
const TRIAL = 0x741a;

/**
 * Starts the dependencies of both arms; no service yet.
 *
 * @throws UserError as `startArmDependencies`, or where the load cannot be made; nothing runs then
 */
export async function openTogether(given: TogetherOptions): Promise<TogetherRun> {
  assertTwoBuilds(given.head.scenario);
  const progress = saidOnce(given.progress);
  const base = warmedUp(await withTelemetry({ ...given, progress }, 'base'));
  const head = warmedUp(await withTelemetry({ ...given, progress }, 'head'));
  // The variables of the arms are in their services by now; once more, they would replace what was added to them.
  const options = { ...given, base, head, env: {} };
  const { seed } = options;
  const { scenario } = head;
  const { load } = scenario;
  const workload = createWorkload(load, { readFile: readFileSync });
  await assertGrpcCalls(workload);
  const ports = createPortPool(portRandom(seed, options.registry));
  const { instances } = scenario.rounds.together;
  const dependencies = await startArmDependencies({
    arms: { base: base.scenario.dependencies, head: scenario.dependencies },
    instances: 2 * (instances === 'auto' ? MOST_INSTANCES : instances),
    hasWrites: load.requests.some(({ writes }) => writes),
    seed: deriveSeed(seed, DEPENDENCY_SEED),
    registry: options.registry,
    ports,
    inherited: options.inherited,
    logDirectory: options.directory,
  });
  let receivers: SharedReceivers | null = null;
  try {
    receivers = await SharedReceivers.open(scenario.receivers, signalsOf(scenario));
    const begun = { options, workload, ports, dependencies, receivers };
    const running = runningWarnings(scenario, 'build');
    if (instances !== 'auto') return new SideBySideRun({ ...begun, instances, warnings: running });
    const affordable = await affordableInstances(begun);
    return new SideBySideRun({
      ...begun,
      instances: affordable.instances,
      warnings: [...running, ...affordable.warnings],
    });
  } catch (error) {
    await receivers?.[Symbol.asyncDispose]();
    await dependencies[Symbol.asyncDispose]();
    throw error;
  }
}

/** Most often both arms get the same. */
function saidOnce(progress: RunProgress): RunProgress {
  const said = new Set<string>();
  const step = (text: string) => {
    if (!said.has(text)) progress.step(text);
    said.add(text);
  };
  return {
    step,
    round: (index, total) => progress.round(index, total),
    phase: (phase) => progress.phase(phase),
    live: (figures) => progress.live(figures),
  };
}

/** The source of the arm with its variables, and what instrumentation adds to those, in `env` of its services. */
export async function withTelemetry(
  options: Pick<
    TogetherOptions,
    'base' | 'head' | 'env' | 'directory' | 'registry' | 'inherited' | 'progress'
  >,
  arm: Arm,
): Promise<ArmSource> {
  const given = options[arm].scenario;
  const services = given.services.map((each) => ({ ...each, env: { ...each.env, ...options.env?.[arm] } }));
  const scenario = { ...given, services };
  const logDirectory = join(options.directory, arm);
  return { ...options[arm], scenario: await instrumented({ ...options, scenario, logDirectory }) };
}

/** With the warm-up of rounds of two builds. */
function warmedUp(source: ArmSource): ArmSource {
  const { rounds } = source.scenario;
  const warmUp = rounds.together.warmUp ?? rounds.warmUp;
  return { ...source, scenario: { ...source.scenario, rounds: { ...rounds, warmUp } } };
}

/** By a trial start of one instance of each build. */
async function affordableInstances({
  options,
  ports,
  dependencies,
}: Omit<SideBySideRunParts, 'instances' | 'warnings'>): Promise<
  Pick<SideBySideRunParts, 'instances' | 'warnings'>
> {
  const { seed, registry, inherited, progress } = options;
  const { name, rounds } = options.head.scenario;
  const directory = join(options.directory, 'trial');
  const availableBytes = process.availableMemory();
  progress.phase('starting');
  const arms = armsByPosition(seed, TRIAL, 1);
  const plans = plansOf(options, arms, directory);
  const started = await trialStart({ plans, seed, directory, registry, ports, dependencies, inherited });
  return instanceCount({
    scenario: name,
    rounds,
    started,
    availableBytes,
    cores: coresToUse(readMachine(inherited)),
  });
}
