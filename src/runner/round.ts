/**
 * One round: fresh instances started together, warmed up, loaded for a fixed time, stopped. While they are loaded
 * spangate does nothing else; spans are read once everything has stopped.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario, Service } from '../config.ts';
import type { Arm, Instance, Round, ServiceProcess, Warning } from '../measurement.ts';
import { blockDurations } from '../telemetry/block-durations.ts';
import type { LogVisitor } from '../telemetry/logs/log-record.ts';
import { redactorOf } from '../telemetry/logs/redaction.ts';
import { metricRecords } from '../telemetry/metric-records.ts';
import { namedMetrics } from '../telemetry/metrics/named-metrics.ts';
import { FLUSH_INTERVAL_SECONDS } from '../telemetry/preload-environment.ts';
import type { Recording } from '../telemetry/recording.ts';
import type { SpanTable } from '../telemetry/span-table.ts';
import { assembleTraces } from '../telemetry/trace-assembly.ts';
import { saturationWarnings } from './dependency-warnings.ts';
import { instanceLogs } from './instance-logs.ts';
import { instanceRecord } from './instance-record.ts';
import type { SentToAll } from './instance-telemetry.ts';
import { type InstancePlan, InstanceSet, type RunningInstance, startInstances } from './instances.ts';
import type { LoadResult } from './load/load-result.ts';
import { awaitMessages } from './load-command/awaited-messages.ts';
import { commandLoadOf } from './load-command/command-load.ts';
import { commandResult } from './load-command/command-result.ts';
import { availableCores } from './machine.ts';
import { type MatchedInstance, matchInstances } from './matched-instances.ts';
import type { InstanceResult } from './merged-operations.ts';
import { roundFault } from './round-fault.ts';
import { loadInstances, whileAllServe } from './round-load.ts';
import { type RoundOptions, runTagOf } from './round-options.ts';
import type { ServingProcess } from './serving-process.ts';
import {
  namelessWarning,
  sampledWarning,
  splitWarnings,
  telemetryWarnings,
  unreadablePrintsWarning,
} from './telemetry-warnings.ts';

export interface RoundResult {
  readonly round: Round;
  /** In order of their index, as are the two that follow. */
  readonly results: readonly InstanceResult[];
  /** What the recorders said of themselves. */
  readonly recordings: readonly Recording[];
  readonly load: LoadResult;
  readonly warnings: readonly Warning[];
  /** Of single instances, by their index. */
  readonly instanceWarnings: ReadonlyMap<number, readonly Warning[]>;
}

/** @throws UserError when a service or dependency fails, or the load cannot be driven */
export async function measureRound(options: RoundOptions): Promise<RoundResult> {
  const { scenario, progress, registry } = options;
  const startedAt = options.now().toISOString();
  progress.phase('starting');
  const state = await options.dependencies.prepareRound(armsOf(options.plans));
  await using instances = new InstanceSet();
  options.receivers?.begin();
  await startInstances(options, instances);
  const { load, conditions } = await loadInstances(options, instances);
  const command = commandLoadOf(load);
  if (command) {
    const { timeoutSeconds } = scenario.load;
    const receivedBy = (instance: number) => receivedOf(options, instance);
    await whileAllServe({ ...options, instances }, (signal) =>
      awaitMessages(command, { instances: instances.all, receivedOf: receivedBy, timeoutSeconds, signal }),
    );
  }
  const { afterLoad } = options;
  if (afterLoad) {
    await whileAllServe({ ...options, instances }, (signal) => afterLoad(instances.all, signal));
  }
  // The recorders append every quarter second: two of those, and all that was recorded is in the files.
  const settleSeconds = Math.max(2 * FLUSH_INTERVAL_SECONDS, options.receivers?.settleSeconds ?? 0);
  await Promise.race([delay(settleSeconds * 1000), registry.aborted]);
  progress.phase('stopping');
  const instanceWarnings = await instances.stop();
  // Where a signal ended the instances, this round has not come to its end.
  registry.signal.throwIfAborted();
  const recordings = await Promise.all(
    instances.all.map((instance) =>
      instance.telemetry.recording(instance.services, sentOf(options, instance.index)),
    ),
  );
  for (const [position, { spans }] of recordings.entries()) handOver(spans, position, { options, instances });
  const matched = matchedOf(options, load, { instances: instances.all, recordings });
  const results = instances.all.map((instance, position) =>
    resultOf({
      ...{ options, instance, position, load, recording: recordings[position] as Recording },
      ...(matched?.[position] && { matched: matched[position] }),
    }),
  );
  const invalid =
    state.invalid ??
    roundFault({ model: options.model, together: armsOf(options.plans) !== undefined, conditions, load });
  const round: Round = {
    id: `${options.seed.toString(16)}-${options.index}-${startedAt}`,
    seed: options.seed,
    startedAt,
    warmUpSeconds: load.warmUpSeconds,
    warm: load.warm,
    measuredSeconds: load.measuredSeconds,
    conditions,
    instances: results.map((result) => result.instance),
    ...(invalid && { invalid }),
  };
  const warnings = [
    ...load.warnings,
    ...saturationWarnings(conditions, availableCores()),
    ...telemetryWarnings(servicesOf(options.plans), options.inherited),
    ...sampledWarning(recordings),
    ...splitWarnings(recordings),
    ...namelessWarning(recordings),
    ...unreadablePrintsWarning(recordings),
    // Of two builds both are as warm as each other, whatever that is.
    ...(load.warm || armsOf(options.plans) ? [] : [notWarm(scenario, load)]),
  ];
  return { round, results, warnings, instanceWarnings, recordings, load };
}

function receivedOf(options: RoundOptions, instance: number) {
  const isAlone = options.plans.length === 1;
  return options.receivers?.filesOf({ runTag: runTagOf(options), instance, isAlone }) ?? [];
}

function sentOf(options: RoundOptions, instance: number): SentToAll | null {
  const { receivers } = options;
  if (!receivers) return null;
  const files = receivedOf(options, instance);
  return { files, refusals: receivers.refusals(), metrics: receivers.metrics() };
}

/** Null where nothing is received at fixed addresses. */
function sharedLogsOf({ receivers, plans }: RoundOptions, instance: number) {
  if (!receivers) return null;
  return (visit: LogVisitor) => receivers.visitLogs(visit, { instance, instances: plans.length });
}

function handOver(
  spans: SpanTable,
  position: number,
  { options, instances }: { readonly options: RoundOptions; readonly instances: InstanceSet },
): void {
  const instance = instances.all[position];
  if (!options.onSpans || !instance) return;
  const { arm } = instance.plan;
  options.onSpans({
    scenario: options.scenario.name,
    round: options.index + 1,
    instance: instance.index,
    ...(arm && { arm }),
    spans,
    runTag: runTagOf(options),
  });
}

function servicesOf(plans: readonly InstancePlan[]): readonly Service[] {
  return plans.flatMap(({ scenario, variables }) =>
    scenario.services.map((service) => ({ ...service, env: { ...service.env, ...variables } })),
  );
}

/** Nothing where one build is measured alone. */
function armsOf(plans: readonly InstancePlan[]): readonly Arm[] | undefined {
  const arms = plans.flatMap(({ arm }) => arm ?? []);
  return arms.length === 0 ? undefined : arms;
}

/** Nothing where one build is measured alone: its instances are compared with those of another hour. */
function matchedOf(
  options: RoundOptions,
  { blocks, instances: loaded }: LoadResult,
  parts: { readonly instances: readonly RunningInstance[]; readonly recordings: readonly Recording[] },
): readonly MatchedInstance[] | null {
  if (!blocks || !armsOf(options.plans)) return null;
  const requests = options.scenario.load.requests.length;
  const runTag = runTagOf(options);
  return matchInstances(
    parts.instances.map(({ index: instance }, position) => {
      const { spans } = parts.recordings[position] as Recording;
      return {
        operations: loaded[position]?.operations ?? [],
        durations: blockDurations(spans, { runTag, instance, requests, blocks }),
      };
    }),
  );
}

function resultOf(parts: {
  readonly options: RoundOptions;
  readonly instance: RunningInstance;
  readonly position: number;
  readonly load: LoadResult;
  readonly recording: Recording;
  readonly matched?: MatchedInstance;
}): InstanceResult {
  const { options, instance, position, load, recording, matched } = parts;
  const { requests } = options.scenario.load;
  const window = { from: load.measuredFrom / 1000, to: load.measuredTo / 1000 };
  const loaded = load.instances[position];
  if (!loaded) throw new Error(`the load has no result for ${instance.id}`);
  const { logs } = options.scenario;
  const common = {
    ...identityOf(instance, recording),
    measuredSeconds: load.measuredSeconds,
    recording: recording.quality,
    metrics: metricRecords(recording.metrics, window),
    ...namedOf(recording, { options, loaded, window }),
    redact: logs && logs.keep > 0 ? redactorOf(logs.redact) : null,
  };
  const command = commandLoadOf(load);
  if (command) {
    const until = options.now().getTime() / 1000;
    const result = commandResult(recording.spans, command, { position, until });
    return instanceRecord({ ...common, operations: command.operations, ...result });
  }
  const traces = {
    runTag: runTagOf(options),
    requests: requests.length,
    phase: 'measured',
    instance: instance.index,
    window,
  } as const;
  const assembled = assembleTraces(recording, traces);
  const examples = assembled.requests.map(
    ({ exemplars }) => new Set(exemplars.map(({ traceId }) => traceId)),
  );
  return instanceRecord({
    ...common,
    operations: requests.map((request) => request.name),
    load: loaded,
    traces: assembled,
    ...(matched && { matched }),
    ...(logs && {
      logs: instanceLogs(instance, {
        logs,
        visitShared: sharedLogsOf(options, instance.index),
        recording,
        traces,
        examples,
      }),
    }),
  });
}

/** Nothing where the configuration names no metric. */
function namedOf(
  { metrics, sentMetrics, sharedMetrics: shared = [], metricServices, droppedPoints }: Recording,
  parts: {
    readonly options: RoundOptions;
    readonly loaded: LoadResult['instances'][number];
    readonly window: { readonly from: number; readonly to: number };
  },
): { readonly namedMetrics?: Instance['namedMetrics'] } {
  const definitions = parts.options.scenario.policy.metrics;
  if (definitions === undefined) return {};
  const requests = parts.loaded.operations.reduce((sum, { completed }) => sum + completed, 0);
  const { window } = parts;
  const isAlone = parts.options.plans.length === 1;
  const options = { window, requests, services: metricServices, shared, isAlone, dropped: droppedPoints };
  return { namedMetrics: namedMetrics([...metrics, ...sentMetrics, ...shared], definitions, options) };
}

export function identityOf(
  { id, services }: RunningInstance,
  recording: Recording,
): Pick<Instance, 'id' | 'processes'> {
  return { id, processes: services.map((service) => processOf(service, recording)) };
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
