/**
 * One round: k fresh instances started together, warmed up, loaded for a fixed time, stopped. While they are loaded
 * spangate does nothing else; spans are read once everything has stopped.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../config.ts';
import type { Round, RoundConditions, ServiceProcess, Warning } from '../measurement.ts';
import { deriveSeed } from '../random.ts';
import { metricRecords } from '../telemetry/metric-records.ts';
import { FLUSH_INTERVAL_SECONDS } from '../telemetry/preload-environment.ts';
import { type Recording, readRecording } from '../telemetry/recording.ts';
import { assembleTraces } from '../telemetry/trace-assembly.ts';
import type { RunningDependencies } from './dependency.ts';
import type { PortPool } from './free-port.ts';
import { instanceRecord } from './instance-record.ts';
import { InstanceSet, type RunningInstance, startInstances, urlOf } from './instances.ts';
import { runClosedLoad } from './load/closed-load.ts';
import type { LoadResult } from './load/load-result.ts';
import type { Workload } from './load/workload.ts';
import { startConditions } from './machine.ts';
import type { InstanceResult } from './merged-operations.ts';
import type { ProcessRegistry } from './process-registry.ts';
import type { RunProgress } from './run-progress.ts';
import type { ServingProcess } from './serving-process.ts';

export interface RoundOptions {
  readonly scenario: Scenario;
  readonly workload: Workload;
  /** 0-based. */
  readonly index: number;
  readonly seed: number;
  /** Folder of this round, for logs and recordings. */
  readonly directory: string;
  readonly registry: ProcessRegistry;
  readonly ports: PortPool;
  readonly dependencies: RunningDependencies;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly progress: RunProgress;
  readonly now: () => Date;
  /** Seconds that the rest of the run is expected to take, for progress. */
  readonly remainingSeconds: (measuredSeconds: number) => number;
}

export interface RoundResult {
  readonly round: Round;
  readonly results: readonly InstanceResult[];
  readonly warnings: readonly Warning[];
  /** What the recorders said of themselves, over all instances. */
  readonly recordings: readonly Recording[];
  /** Answers that were not expected, by operation: the first of each. */
  readonly load: LoadResult;
}

/** @throws UserError when a service or dependency fails, or the load cannot be driven */
export async function measureRound(options: RoundOptions): Promise<RoundResult> {
  const { scenario, progress } = options;
  const startedAt = options.now().toISOString();
  progress.phase('starting');
  const state = await options.dependencies.prepareRound();
  await using instances = new InstanceSet();
  await startInstances({ ...options, count: scenario.rounds.instances }, instances);
  const { load, conditions } = await loadInstances(options, instances);
  // The recorders append every quarter second: two of those, and all that was recorded is in the files.
  await Promise.race([delay(2 * FLUSH_INTERVAL_SECONDS * 1000), options.registry.aborted]);
  progress.phase('stopping');
  const stopWarnings = await instances.stop();
  // Where a signal ended the instances, this round has not come to its end.
  options.registry.signal.throwIfAborted();
  const recordings = await Promise.all(instances.all.map((instance) => readRecording(instance.recordings)));
  const results = instances.all.map((instance, position) =>
    resultOf({ options, instance, position, load, recording: recordings[position] as Recording }),
  );
  const round: Round = {
    id: `${options.seed.toString(16)}-${options.index}-${startedAt}`,
    seed: options.seed,
    startedAt,
    warmUpSeconds: load.warmUpSeconds,
    warm: load.warm,
    measuredSeconds: load.measuredSeconds,
    conditions,
    instances: results.map((result) => result.instance),
    ...(state.invalid && { invalid: state.invalid }),
  };
  const warnings = [...load.warnings, ...stopWarnings, ...(load.warm ? [] : [notWarm(scenario, load)])];
  return { round, results, warnings, recordings, load };
}

async function loadInstances(
  options: RoundOptions,
  instances: InstanceSet,
): Promise<{ load: LoadResult; conditions: RoundConditions }> {
  const { scenario, progress } = options;
  const failure = new AbortController();
  let stretch = startConditions();
  let measuring = false;
  progress.phase('warm-up');
  const load = runClosedLoad({
    load: scenario.load,
    workload: options.workload,
    targets: instances.all.map((instance) => ({ instance: instance.index, url: urlOf(scenario, instance) })),
    runTag: runTagOf(options),
    warmUp: scenario.rounds.warmUp,
    durationSeconds: scenario.rounds.durationSeconds,
    signal: AbortSignal.any([options.registry.signal, failure.signal]),
    onProgress({ phase, seconds, requests, p50 }) {
      if (phase === 'measured' && !measuring) {
        measuring = true;
        stretch = startConditions();
      }
      progress.phase(phase === 'measured' ? 'measuring' : 'warm-up');
      progress.live({
        requests,
        ...(p50 === null ? {} : { p50Seconds: p50 }),
        remainingSeconds: options.remainingSeconds(phase === 'measured' ? seconds : 0),
      });
    },
  });
  try {
    const result = await Promise.race([load, instances.failure(), dependencyFailure(options.dependencies)]);
    const { steal, pressure } = stretch();
    const { generatorCpu, generatorSaturated } = result;
    return { load: result, conditions: { generatorCpu, generatorSaturated, steal, pressure } };
  } catch (error) {
    // Whatever failed first is the reason; the load itself only notices that nobody answers.
    failure.abort(error);
    await load.catch(() => {});
    throw error;
  }
}

async function dependencyFailure(dependencies: RunningDependencies): Promise<never> {
  throw await dependencies.died;
}

/** Never 0: all-zero ids are invalid. */
function runTagOf({ seed, index }: RoundOptions): number {
  return deriveSeed(seed, 0x7ace, index) || 1;
}

function resultOf(parts: {
  readonly options: RoundOptions;
  readonly instance: RunningInstance;
  readonly position: number;
  readonly load: LoadResult;
  readonly recording: Recording;
}): InstanceResult {
  const { options, instance, load, recording } = parts;
  const { requests } = options.scenario.load;
  const window = { from: load.measuredFrom / 1000, to: load.measuredTo / 1000 };
  const loaded = load.instances[parts.position];
  if (!loaded) throw new Error(`the load has no result for ${instance.id}`);
  return instanceRecord({
    id: instance.id,
    processes: instance.services.map((service) => processOf(service, recording)),
    operations: requests.map((request) => request.name),
    load: loaded,
    traces: assembleTraces(recording, {
      runTag: runTagOf(options),
      requests: requests.length,
      phase: 'measured',
      instance: instance.index,
      window,
    }),
    recording: recording.quality,
    metrics: metricRecords(recording.metrics, window),
  });
}

function processOf(service: ServingProcess, recording: Recording): ServiceProcess {
  const recorders = recording.processes.filter((process) => process.service === service.name);
  const runtime = recorders.find((process) => process.details)?.details?.runtime;
  return {
    service: service.name,
    port: service.port,
    startSeconds: service.startSeconds,
    ...(runtime && { runtime }),
    recorders: recorders.length,
  };
}

function notWarm(scenario: Scenario, load: LoadResult): Warning {
  return {
    code: 'not-warm',
    message: `Latency of ${scenario.name} had not settled after a warm-up of ${load.warmUpSeconds.toFixed(1)} s; what was measured then may still get faster. Raise "max-warm-up" under "rounds" if intervals are wide.`,
  };
}
